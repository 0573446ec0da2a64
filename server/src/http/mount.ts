import {
  compileReader,
  type Endpoint,
  type EndpointName,
  type Endpoints,
  endpoints,
  type Answer,
  type Input,
  type Issue,
  type Position,
  type Reader,
} from '@driveway/contract'
import fastJson, { type Schema } from 'fast-json-stringify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OutgoingHttpHeaders } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { TSchema } from 'typebox'
import type { Actor, Context, Parts } from '../context.ts'
import { DriveError, invalidInput } from '../errors.ts'
import { JsonText } from '../json-text.ts'
import { errorEnvelope, languageOf } from './envelope.ts'
import { sessionCookie } from './session-cookie.ts'
import { traceIdOf } from './trace.ts'

/** What carries out one endpoint: its whole input in one object, its answer without `code` and `msg`. */
export type Handler<N extends EndpointName> = (
  ctx: Context,
  input: Input<Endpoints[N]>,
) => Promise<Answer<Endpoints[N]> | JsonText>

export type Handlers<N extends EndpointName = EndpointName> = { [Name in N]: Handler<Name> }

/** Finds out who calls. Throws TOKEN_INVALID or SIGNATURE_INVALID when a credential is sent and is not good. */
export type Authenticate = (request: FastifyRequest, endpoint: Endpoint) => Promise<Actor>

interface Mounted {
  parts: Parts
  authenticate: Authenticate
  endpoint: Endpoint
  handle: (ctx: Context, input: unknown) => Promise<Record<string, unknown> | JsonText>
  readParams: Reader | undefined
  readQuery: Reader | undefined
  readBody: Reader | undefined
  readHeaders: Reader | undefined
  isBodyInQuery: boolean
  serialise: (answer: unknown) => string
}

/** Mounts every endpoint of the contract, twins included, one route each. */
export function mountEndpoints(
  app: FastifyInstance,
  parts: Parts,
  handlers: Handlers,
  authenticate: Authenticate,
): void {
  for (const endpoint of Object.values(endpoints) as Endpoint[]) {
    const handle = handlers[endpoint.name as EndpointName] as unknown as Mounted['handle']
    for (const place of [{ method: endpoint.method, path: endpoint.path }, ...(endpoint.twins ?? [])]) {
      const isBodyInQuery = place.method !== endpoint.method && place.method === 'GET'
      const mounted: Mounted = { ...mount(endpoint, isBodyInQuery), parts, authenticate, handle }
      app.route({
        method: place.method,
        url: routePath(place.path),
        handler: (request, reply) => answer(mounted, request, reply),
      })
    }
  }
}

/** `{id}` becomes `:id`; a bare id below the base path takes digits only, so that it hides no other endpoint. */
function routePath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'job_id' ? ':job_id(^\\d{1,20}$)' : `:${name}`))
}

function mount(endpoint: Endpoint, isBodyInQuery: boolean): Omit<Mounted, 'parts' | 'authenticate' | 'handle'> {
  const reader = (schema: TSchema | undefined) => (schema ? compileReader(schema) : undefined)
  return {
    endpoint,
    readParams: reader(endpoint.params),
    readQuery: reader(endpoint.query),
    readBody: reader(endpoint.body),
    readHeaders: reader(endpoint.headers),
    isBodyInQuery,
    serialise: serialiser(endpoint),
  }
}

function serialiser(endpoint: Endpoint): (answer: unknown) => string {
  const schema = structuredClone(endpoint.answer) as Schema & {
    properties: Record<string, unknown>
    required?: string[]
  }
  const whole = {
    ...schema,
    properties: { code: { type: 'integer' }, msg: { type: 'string' }, ...schema.properties },
    required: ['code', 'msg', ...(schema.required ?? [])],
  }
  const write = fastJson(whole as Schema)
  return (answer) => write({ code: 0, msg: 'OK', ...(answer as object) })
}

async function answer(mounted: Mounted, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { parts, authenticate } = mounted
  const started = performance.now()
  const traceId = traceIdOf(request.headers['x-traceid'])
  const headers: OutgoingHttpHeaders = { 'x-traceid': traceId }
  let failure: unknown
  try {
    const actor = await authenticate(request, mounted.endpoint)
    const ctx: Context = {
      ...parts,
      actor,
      traceId,
      address: request.ip,
      idempotencyKey: idempotencyKey(request.headers['idempotency-key']),
      setSession: (token) => {
        headers['set-cookie'] = sessionCookie(token, parts.config.publicUrl.startsWith('https:'))
      },
    }
    const result = await mounted.handle(ctx, readInput(mounted, request))
    write(reply, 200, headers, result instanceof JsonText ? result : mounted.serialise(result))
  } catch (error) {
    failure = error
    sendFailure(reply, request, placed(mounted, error), headers)
  }
  log({ parts, endpoint: mounted.endpoint, request, reply, traceId, elapsed: performance.now() - started, failure })
}

/** The failure with the position of its fields: the rules name a field and do not know where it was sent. */
function placed({ endpoint, isBodyInQuery }: Mounted, error: unknown): unknown {
  if (!(error instanceof DriveError)) return error
  const places = { header: endpoint.headers, path: endpoint.params, query: endpoint.query } as const
  for (const detail of error.details.filter(({ position, field }) => position === 'body' && field !== '')) {
    const name = /^[^.[]+/.exec(detail.field)?.[0] ?? ''
    const place = Object.entries(places).find(([, schema]) => schema && name in schema.properties)?.[0]
    detail.position = (place as Position | undefined) ?? (isBodyInQuery ? 'query' : 'body')
  }
  return error
}

/** Writes an answer straight to the connection: nothing of the framework's sending is needed here. */
function write(reply: FastifyReply, status: number, headers: OutgoingHttpHeaders, body: string | JsonText): void {
  headers['content-type'] = 'application/json; charset=utf-8'
  headers['cache-control'] = 'private, no-store'
  reply.hijack()
  if (typeof body === 'string') {
    headers['content-length'] = Buffer.byteLength(body)
    reply.raw.writeHead(status, headers).end(body)
    return
  }
  headers['content-length'] = Buffer.byteLength(body.head) + body.rest.length
  reply.raw.writeHead(status, headers)
  reply.raw.write(body.head)
  reply.raw.end(body.rest)
}

/** Sends a failure in its envelope, in the caller's language. */
export function sendFailure(
  reply: FastifyReply,
  request: FastifyRequest,
  error: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const { status, retryAfter, body } = errorEnvelope(error, languageOf(request.headers.language))
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(retryAfter))
  headers['x-traceid'] ??= traceIdOf(request.headers['x-traceid'])
  write(reply, status, headers, body)
}

function readInput(mounted: Mounted, request: FastifyRequest): unknown {
  const issues: Issue[] = []
  const input: Record<string, unknown> = {}
  const take = (read: Reader | undefined, value: unknown, position: Issue['position']) => {
    if (read) Object.assign(input, read(value, '', issues, position))
  }
  take(mounted.readHeaders, request.headers, 'header')
  take(mounted.readParams, request.params, 'path')
  take(mounted.readQuery, request.query, 'query')
  if (mounted.isBodyInQuery) take(mounted.readBody, request.query, 'query')
  else if (mounted.readBody) take(mounted.readBody, parseBody(request.body), 'body')
  if (issues.length > 0) throw invalidInput(issues)
  return input
}

function parseBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {}
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new DriveError('BAD_REQUEST', {
      details: [{ reason: 'BAD_REQUEST', position: 'body', field: '', description: 'the body is not valid JSON' }],
    })
  }
}

function idempotencyKey(header: unknown): string | undefined {
  if (header === undefined || header === '') return undefined
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header
  throw invalidInput([
    {
      position: 'header',
      field: 'Idempotency-Key',
      reason: 'MALFORMED',
      description: 'must be 1 to 200 printable characters without blanks',
    },
  ])
}

interface Logged {
  parts: Parts
  endpoint: Endpoint
  request: FastifyRequest
  reply: FastifyReply
  traceId: string
  elapsed: number
  failure: unknown
}

function log({ parts, endpoint, request, reply, traceId, elapsed, failure }: Logged): void {
  const isOurFault = failure !== undefined && !(failure instanceof DriveError && failure.kind.status < 500)
  const level = isOurFault ? 'error' : endpoint.isRead ? 'debug' : 'info'
  if (!parts.log.isLevelEnabled(level)) return
  parts.log[level](
    {
      traceId,
      operation: endpoint.name,
      status: reply.raw.statusCode,
      ms: Math.round(elapsed * 10) / 10,
      address: request.ip,
      reason: failure instanceof DriveError ? failure.reason : undefined,
      err: isOurFault ? failure : undefined,
    },
    'request',
  )
}
