import type { Db } from './schema.ts'

const attempts = 4
const uniqueViolation = '23505'
const deadlock = '40P01'

/**
 * Runs `work` in a transaction, again from its beginning when another transaction took the same name meanwhile; PostgreSQL
 * says so by an error, SQLite never does because writers take turns.
 */
export async function transact<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (attempt === attempts || (code !== uniqueViolation && code !== deadlock)) throw error
    }
  }
}
