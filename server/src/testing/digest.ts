import { createHash } from 'node:crypto'
import { engineOf } from '../db/prepared.ts'
import type { Db, Schema } from '../db/schema.ts'
import { sql } from 'kysely'
import pino from 'pino'
import { flushShareCounts } from '../modules/shares/shares.counts.ts'

/** What a refused call may change: a session lives on with each call, and wrong tries and used signatures are noted. */
const volatile: (keyof Schema)[] = ['sessions', 'attempts', 'used_signatures']

const tables = new WeakMap<Db, string[]>()

async function tablesOf(db: Db): Promise<string[]> {
  const known = tables.get(db)
  if (known) return known
  const names = (await db.introspection.getTables())
    .map((table) => table.name)
    .filter((name) => !volatile.includes(name as keyof Schema))
    .toSorted()
  tables.set(db, names)
  return names
}

/** A fingerprint of every table that a refused call must leave as it is. */
export async function digestOf(db: Db): Promise<Record<string, string>> {
  // downloads of calls before are counted a moment later
  await flushShareCounts({ db, log: pino({ level: 'silent' }) })
  const names = await tablesOf(db)
  if (engineOf(db) === 'postgres') {
    const parts = names.map(
      (name) =>
        sql`select ${sql.lit(name)} as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash from ${sql.table(name)} as t`,
    )
    const { rows } = await sql<{ name: string; hash: string }>`${sql.join(parts, sql` union all `)}`.execute(db)
    return Object.fromEntries(rows.map((row) => [row.name, row.hash]))
  }
  const digests: Record<string, string> = {}
  for (const name of names) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db)
    const lines = rows.map((row) => JSON.stringify(row)).toSorted()
    digests[name] = createHash('sha256').update(lines.join('\n')).digest('hex')
  }
  return digests
}

/** Every text the database keeps, in one: for what must not be found in it. */
export async function everythingKept(db: Db): Promise<string> {
  const names = (await db.introspection.getTables()).map((table) => table.name)
  const texts: string[] = []
  for (const name of names) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db)
    texts.push(JSON.stringify(rows))
  }
  return texts.join('\n')
}

/** Waits until no job is open, so that what is compared next does not move by itself. */
export async function quiet(db: Db): Promise<void> {
  const end = performance.now() + 20_000
  for (;;) {
    const open = await db.selectFrom('jobs').select('id').where('status', '<', 2).limit(1).executeTakeFirst()
    if (!open) return
    if (performance.now() > end) throw new Error(`job ${open.id} did not end`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
