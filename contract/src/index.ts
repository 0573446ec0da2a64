import { authEndpoints } from './auth.ts'
import { directoryEndpoints } from './directory.ts'
import { fileEndpoints } from './files.ts'
import { jobEndpoints } from './jobs.ts'
import { shareEndpoints } from './shares.ts'
import { spaceEndpoints } from './spaces.ts'

export type { Answer, Caller, Endpoint, Input, Method } from './endpoint.ts'
export { type ErrorKind, errorKinds, type ErrorReason } from './errors.ts'
export { compileReader, type Issue, type Position, type Reader, readMoment } from './read.ts'

/** Every endpoint, by name. */
export const endpoints = {
  ...authEndpoints,
  ...directoryEndpoints,
  ...spaceEndpoints,
  ...fileEndpoints,
  ...jobEndpoints,
  ...shareEndpoints,
}

export type Endpoints = typeof endpoints
export type EndpointName = keyof Endpoints
