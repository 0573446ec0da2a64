import { sql } from 'kysely'
import { statements as first } from './migrations/0001-first.ts'
import { engineOf } from './prepared.ts'
import type { Db, Engine } from './schema.ts'

/** All migrations in order; a released one is never changed. */
export const migrations: { name: string; statements: (engine: Engine) => string[] }[] = [
  { name: '0001-first', statements: first },
]

// any constant: it only has to be the same in every process
const lockNumber = 7_316_204_455

/** Applies what is missing, each migration in one transaction; several processes may call it at once. */
export async function migrate(db: Db): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // two processes that make one table at the same moment fail, even when it may exist
    await lock(tx)
    await sql`create table if not exists migrations (name text primary key, applied_at text not null)`.execute(tx)
  })
  for (const migration of migrations) {
    await db.transaction().execute(async (tx) => {
      await lock(tx)
      const done = await sql`select 1 from migrations where name = ${migration.name}`.execute(tx)
      if (done.rows.length > 0) return
      for (const statement of migration.statements(engineOf(tx))) await sql.raw(statement).execute(tx)
      await sql`insert into migrations (name, applied_at) values (${migration.name}, ${new Date().toISOString()})`.execute(
        tx,
      )
    })
  }
}

/** Keeps other processes out until the transaction ends; on SQLite there is one process. */
async function lock(tx: Db): Promise<void> {
  if (engineOf(tx) === 'postgres') await sql`select pg_advisory_xact_lock(${lockNumber})`.execute(tx)
}
