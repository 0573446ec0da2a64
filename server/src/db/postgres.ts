import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Db, Schema } from './schema.ts'

// sizes and counts stay far below 2^53
const int8 = 20
pg.types.setTypeParser(int8, Number)

/** Opens a pool on a PostgreSQL of version 15 or later. */
export function openPostgres(url: string, connections: number): Db {
  const pool = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: 10_000 })
  // an idle connection that breaks is replaced at its next use
  pool.on('error', () => undefined)
  // one that breaks between two statements of a transaction fails the next of them; unheard, the error would end the process
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}
