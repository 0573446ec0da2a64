import pino from 'pino'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskBlobs } from '../blobs/disk.ts'
import { readConfig } from '../config.ts'
import type { Context, Parts, UserActor } from '../context.ts'
import { openDatabase } from '../db/open.ts'
import type { Db, Engine, Schema } from '../db/schema.ts'
import { deriveKeys } from '../secrets.ts'
import { testPostgres } from './postgres.ts'

/** The engines of this test run (DRIVEWAY_TEST_ENGINES), all without a choice. */
export const engines = (process.env.DRIVEWAY_TEST_ENGINES ?? 'sqlite,postgres').split(',') as Engine[]

/** Parts as in production, on an empty database and an empty folder of their own. */
export async function openTestParts(engine: Engine): Promise<{ parts: Parts; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'driveway-test-'))
  const postgres = engine === 'postgres' ? await testPostgres() : undefined
  const db = await openDatabase(postgres ? await postgres.createDatabase() : `sqlite:${join(folder, 'driveway.db')}`)
  const config = readConfig({ DRIVEWAY_DATA: folder, DRIVEWAY_ENTERPRISE_NAME: 'Acme' })
  const blobs = await openDiskBlobs(join(folder, 'blobs'))
  const keys = deriveKeys(config.secretKey)
  return {
    parts: { db, blobs, config, keys, log: pino({ level: 'silent' }), now: () => new Date() },
    async close() {
      await db.destroy()
      await blobs.close()
      await postgres?.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A call by this person, as `http/` would make one. */
export function contextOf(parts: Parts, user: Schema['users']): Context & { actor: UserActor } {
  const { id, name, role, department_id } = user
  const actor = {
    kind: 'user' as const,
    userId: id,
    name,
    role,
    departmentId: department_id,
    sessionId: '',
    accessToken: '',
  }
  return { ...parts, actor, traceId: 'test', address: '127.0.0.1', setSession: () => undefined }
}

/** What `work` answers on this database, and how many statements it took. */
export async function countStatements<T>(
  db: Db,
  work: (db: Db) => Promise<T>,
): Promise<{ answer: T; statements: number }> {
  let statements = 0
  const counted = db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      statements++
      return result
    },
  })
  const answer = await work(counted)
  return { answer, statements }
}
