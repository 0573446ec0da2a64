import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context, UserActor } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { open, sha256 } from '../../secrets.ts'
import { findApp, useSignature } from './auth.queries.ts'
import { findActiveUser } from './auth.service.ts'

/** A request as its signature sees it. Header names are in lower case. */
export interface SignedRequest {
  method: string
  /** Path and query as they were sent. */
  url: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

const form = /^HMAC-SHA256 AppId=([0-9a-f]{64}),SignedHeaders=([a-z0-9;-]{1,500}),Signature=([0-9a-f]{64})$/
const window = 15 * 60_000

/**
 * The person an app-signed call acts for (common.md 11.3, decision W6). SIGNATURE_INVALID when the app, the signature, the
 * moment or the person is not good, or the signature was used before.
 */
export async function actorOfSignature(ctx: Omit<Context, 'actor'>, request: SignedRequest): Promise<UserActor> {
  const [, appId = '', signedHeaders = '', signature = ''] = form.exec(String(request.headers.authorization)) ?? []
  const names = signedHeaders.split(';')
  const moment = readDate(request.headers['x-date'])
  const age = ctx.now().getTime() - moment
  const isFresh = age < window && age > -60_000
  const app = appId ? await findApp.first(ctx.db, { id: appId }) : undefined
  if (!app || !isFresh || !names.includes('x-date') || !names.includes('x-user-id'))
    throw new DriveError('SIGNATURE_INVALID')
  const expected = createHmac('sha256', open(ctx.keys.seal, app.secret_sealed))
    .update(`HMAC-SHA256\n${sha256(canonicalRequest(request, names))}`)
    .digest()
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) throw new DriveError('SIGNATURE_INVALID')
  const actor = await findActiveUser(ctx, String(request.headers['x-user-id']))
  if (!actor) throw new DriveError('SIGNATURE_INVALID')
  const isFirstUse = await useSignature.run(ctx.db, {
    signature,
    expires_at: new Date(moment + 2 * window).toISOString(),
  })
  if (isFirstUse === 0) throw new DriveError('SIGNATURE_INVALID')
  return actor
}

function readDate(header: unknown): number {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(String(header))
  return match ? Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`) : Number.NaN
}

/** The text the vendor's rules make of a request. */
export function canonicalRequest(request: SignedRequest, signedHeaders: string[]): string {
  const [path = '/', query = ''] = request.url.split(/\?(.*)/s)
  const names = signedHeaders.toSorted()
  return [
    request.method.toUpperCase(),
    canonicalPath(path),
    canonicalQuery(query),
    names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join(''),
    names.join(';'),
    sha256(request.body),
  ].join('\n')
}

function canonicalPath(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/').filter((part) => part !== '' && part !== '.')) {
    if (segment === '..') segments.pop()
    else segments.push(encode(decode(segment.replaceAll('+', '%2B'))))
  }
  return segments.length === 0 ? '/' : `/${segments.join('/')}/`
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '')
  return pairs
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      return { name: encode(decode(name)), value: encode(decode(value)) }
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.value < b.value ? -1 : 1))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch {
    return text
  }
}
