import type { FastifyInstance } from 'fastify'
import type { Parts } from './context.ts'
import { authenticator } from './http/actor.ts'
import { createHttp } from './http/app.ts'
import { mountBytes } from './http/bytes.ts'
import { mountHealth } from './http/health.ts'
import { type Handlers, mountEndpoints } from './http/mount.ts'
import { buildOpenApi } from './http/openapi.ts'
import { mountPages } from './http/pages.ts'
import { registerReferencePage } from './http/reference-page.ts'
import { authHandlers } from './modules/auth/auth.routes.ts'
import { directoryHandlers } from './modules/directory/directory.routes.ts'
import { fileHandlers } from './modules/files/files.routes.ts'
import { jobHandlers } from './modules/jobs/jobs.routes.ts'
import { peopleHandlers } from './modules/people/people.routes.ts'
import { shareHandlers } from './modules/shares/shares.routes.ts'
import { spaceHandlers } from './modules/spaces/spaces.routes.ts'
import { transferHandlers } from './modules/transfers/transfers.routes.ts'

const handlers: Handlers = {
  ...authHandlers,
  ...directoryHandlers,
  ...spaceHandlers,
  ...fileHandlers,
  ...peopleHandlers,
  ...transferHandlers,
  ...jobHandlers,
  ...shareHandlers,
}

/** The whole HTTP application over its parts, not listening yet. */
export async function createApp(parts: Parts): Promise<FastifyInstance> {
  const app = createHttp(parts)
  mountHealth(app, parts)
  mountEndpoints(app, parts, handlers, authenticator(parts))
  await mountBytes(app, parts)
  registerReferencePage(app, buildOpenApi({ publicUrl: parts.config.publicUrl }))
  await mountPages(app)
  return app
}
