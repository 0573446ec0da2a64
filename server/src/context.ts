import type { Logger } from 'pino'
import type { BlobStore } from './blobs/blob-store.ts'
import type { Config } from './config.ts'
import type { Db } from './db/schema.ts'
import type { Keys } from './secrets.ts'

/** What the process is made of. */
export interface Parts {
  db: Db
  blobs: BlobStore
  config: Config
  keys: Keys
  log: Logger
  now: () => Date
}

/** A signed-in person, or the person an app acts for. */
export interface UserActor {
  kind: 'user'
  userId: string
  name: string
  /** 0 department administrator, 1 ordinary user, 2 system administrator. */
  role: number
  departmentId: string
  /** Empty for app-signed calls. */
  sessionId: string
  /** The access token itself, for proofs of possession; empty for app-signed calls. */
  accessToken: string
}

/** Who calls: nobody we know, a person, or the product itself. */
export type Actor = { kind: 'anonymous' } | UserActor | { kind: 'system' }

/** One call: the parts, who calls, and from where. */
export interface Context extends Parts {
  actor: Actor
  traceId: string
  /** The caller's address, as far as trusted proxies tell. */
  address: string
  idempotencyKey?: string | undefined
  /** Gives our own web application its session cookie, or takes it away. */
  setSession(token: string | undefined): void
}

/** The signed-in caller. The endpoint's table has checked that there is one. */
export function requireUser(ctx: Context): UserActor {
  if (ctx.actor.kind !== 'user') throw new Error('the endpoint needs a signed-in caller')
  return ctx.actor
}

/** A context for work that nobody asked for over HTTP. */
export function systemContext(parts: Parts): Context {
  return { ...parts, actor: { kind: 'system' }, traceId: 'system', address: '', setSession: () => undefined }
}

/** The present moment as the tables keep it. */
export function timestamp(parts: Pick<Parts, 'now'>): string {
  return parts.now().toISOString()
}
