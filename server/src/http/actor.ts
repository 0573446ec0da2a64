import type { Endpoint } from '@driveway/contract'
import type { FastifyRequest } from 'fastify'
import { type Parts, systemContext, type UserActor } from '../context.ts'
import { DriveError } from '../errors.ts'
import { actorOfToken } from '../modules/auth/auth.service.ts'
import { actorOfSignature } from '../modules/auth/signature.ts'
import type { Authenticate } from './mount.ts'

const tokenForm = /^(?:(?:Bearer|AT)[ +])?([0-9a-f]{48})$/
const cookieForm = /(?:^|;\s*)Authorization=([0-9a-f]{48})(?:;|$)/

/**
 * Finds out who calls by the credential of decision W5 and refuses who may not call this endpoint: TOKEN_INVALID or
 * SIGNATURE_INVALID without a good credential, NOT_AN_ADMINISTRATOR for an administrator's endpoint.
 */
export function authenticator(parts: Parts): Authenticate {
  return async (request, endpoint) => {
    if (endpoint.caller === 'anyone') return { kind: 'anonymous' }
    if (endpoint.caller === 'visitor')
      return (await findActor(parts, request, endpoint).catch(ignoreDead)) ?? { kind: 'anonymous' }
    const actor = await findActor(parts, request, endpoint)
    if (!actor) throw new DriveError('TOKEN_INVALID')
    if (endpoint.caller === 'admin' && actor.role !== 2) throw new DriveError('NOT_AN_ADMINISTRATOR')
    return actor
  }
}

function ignoreDead(error: unknown): undefined {
  if (error instanceof DriveError && error.kind.status === 401) return undefined
  throw error
}

async function findActor(parts: Parts, request: FastifyRequest, endpoint: Endpoint): Promise<UserActor | undefined> {
  const call = { ...systemContext(parts), address: request.ip }
  const header = request.headers.authorization
  if (header !== undefined && header !== '') {
    const token = tokenForm.exec(header)?.[1]
    if (token) return actorOfToken(call, token)
    if (endpoint.caller !== 'session' && header.startsWith('HMAC-SHA256 ')) {
      return actorOfSignature(call, {
        method: request.method,
        url: request.raw.url ?? '/',
        headers: request.headers,
        body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      })
    }
    throw new DriveError('TOKEN_INVALID')
  }
  const cookie = cookieForm.exec(request.headers.cookie ?? '')?.[1]
  if (!cookie) return undefined
  // a browser sends the cookie by itself; only our own pages can add this header without asking us first
  if (request.headers['x-driveway-client'] !== 'web') throw new DriveError('TOKEN_INVALID')
  return actorOfToken(call, cookie)
}
