import type { Db } from './schema.ts'

const deadlock = '40P01'
const serialisation = '40001'
const uniqueness = '23505'

/**
 * Runs `work` in a transaction, and again, five times at most, when PostgreSQL ended it for a deadlock or because somebody took a
 * unique value between the check and the write. `work` may change nothing but the database.
 */
export async function runRetrying<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt === 5 || !isPassing(error)) throw error
    }
  }
}

function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === deadlock || code === serialisation || code === uniqueness
}

/** Resolves when everything that can be read now is safe from a power cut: an empty commit waits for the sync of those before it. */
export async function settle(db: Db): Promise<void> {
  await db.transaction().execute(async () => undefined)
}
