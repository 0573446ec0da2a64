import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import type { Parts } from '../context.ts'

/** `/healthz` says that the process answers, `/readyz` that its database and blob store do too. */
export function mountHealth(app: FastifyInstance, parts: Parts): void {
  app.get('/healthz', (_request, reply) => reply.type('application/json').send('{"status":"ok"}'))
  app.get('/readyz', async (_request, reply) => {
    const [database, blobs] = await Promise.all([
      works(() => sql`select 1`.execute(parts.db)),
      works(() => parts.blobs.check()),
    ])
    const isReady = database && blobs
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', database, blobs })
  })
}

async function works(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check()
    return true
  } catch {
    return false
  }
}
