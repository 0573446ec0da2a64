import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import type { Db } from './schema.ts'
import { openSqlite } from './sqlite.ts'

/** Opens the database of a `postgres://` or `sqlite:` address and brings it to the newest form; closes it again when that fails. */
export async function openDatabase(url: string, connections = 10): Promise<Db> {
  const db = /^postgres(ql)?:\/\//.test(url)
    ? openPostgres(url, connections)
    : await openFile(url.replace(/^sqlite:/, ''))
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}

async function openFile(file: string): Promise<Db> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  return openSqlite(file)
}
