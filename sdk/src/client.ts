import {
  type Answer,
  type Endpoint,
  type EndpointName,
  type Endpoints,
  endpoints,
  type Input,
} from '@driveway/contract'
import { errorOfAnswer, networkError } from './errors.ts'
import { randomHex } from './random.ts'
import { toRequest, type WireRequest } from './request.ts'
import { type AppKey, signRequest } from './sign.ts'

/** How a drive is reached and as whom. */
export interface DriveOptions {
  /** Origin of the server, such as `https://drive.example.com`; `''` is the page's own origin. */
  baseUrl?: string
  /** Access token, or what gives the current one. Without token and app a browser's session cookie counts. */
  token?: string | (() => string | undefined)
  /** Calls are signed with an app's key instead of a token (common.md 11.3). */
  app?: AppKey
  /** Language of error messages. */
  language?: 'en-US' | 'zh-CN'
  fetch?: typeof globalThis.fetch
  /** Sent with every call. */
  headers?: Record<string, string>
  /** Called when the server refuses the token; the call is repeated once when this answers true. */
  renew?: () => Promise<boolean>
}

/** What goes with one call. */
export interface CallOptions {
  signal?: AbortSignal
  /** The same key and input within 24 hours give the same answer (decision S16). */
  idempotencyKey?: string
  headers?: Record<string, string>
}

type Arguments<I> = {} extends I ? [input?: I, options?: CallOptions] : [input: I, options?: CallOptions]

/**
 * One method per endpoint of the contract. Each resolves to what the endpoint answers beside `code` and `msg`, and rejects
 * with a DriveError; an aborted call rejects with the signal's reason.
 */
export type Drive = {
  [Name in EndpointName]: (...args: Arguments<Input<Endpoints[Name]>>) => Promise<Answer<Endpoints[Name]>>
} & {
  /**
   * The address to use for a path or link of an answer: the server's own byte addresses start at `baseUrl`, because the name
   * the server gives itself may not be one that is reached from here; other absolute ones stay.
   */
  readonly resolveUrl: (url: string) => string
  /** The fetch the drive was made with, for bytes that go beside the API. */
  readonly fetch: typeof globalThis.fetch
}

const inBrowser = 'document' in globalThis || 'WorkerGlobalScope' in globalThis

const ownBytes = /^https?:\/\/[^/?#]+(?:\/[^?#]*)?(\/bytes\/(?:upload|download)\/[^?#]+)$/

/** Makes a client of a server; nothing is sent before the first call. */
export function createDrive(options: DriveOptions = {}): Drive {
  const base = (options.baseUrl ?? '').replace(/\/+$/, '')
  const resolveUrl = (url: string) => {
    const own = ownBytes.exec(url)?.[1]
    return own === undefined && /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : base + (own ?? url)
  }
  const methods = Object.entries(endpoints).map(([name, endpoint]) => [
    name,
    (input: Record<string, unknown> = {}, call: CallOptions = {}) =>
      callEndpoint({ options, resolveUrl }, endpoint, input, call),
  ])
  const doFetch: typeof globalThis.fetch = (...args) => (options.fetch ?? globalThis.fetch)(...args)
  return { ...Object.fromEntries(methods), resolveUrl, fetch: doFetch } as Drive
}

interface Connection {
  options: DriveOptions
  resolveUrl: (url: string) => string
}

async function callEndpoint(
  connection: Connection,
  endpoint: Endpoint,
  input: Record<string, unknown>,
  call: CallOptions,
): Promise<unknown> {
  const request = toRequest(endpoint, input)
  const first = await send(connection, request, call)
  if (first.ok) return first.answer
  const { renew } = connection.options
  if (first.error.reason !== 'TOKEN_INVALID' || !renew || !(await renew())) throw first.error
  const second = await send(connection, request, call)
  if (second.ok) return second.answer
  throw second.error
}

type Outcome = { ok: true; answer: unknown } | { ok: false; error: ReturnType<typeof networkError> }

async function send(connection: Connection, request: WireRequest, call: CallOptions): Promise<Outcome> {
  const { options } = connection
  const url = connection.resolveUrl(request.target)
  const headers = { ...request.headers, ...(await credentialHeaders(options, request, url)) }
  headers['language'] = options.language ?? 'en-US'
  if (call.idempotencyKey) headers['Idempotency-Key'] = call.idempotencyKey
  let answer: Response
  let text: string
  try {
    answer = await (options.fetch ?? globalThis.fetch)(url, {
      method: request.method,
      headers: { ...headers, ...options.headers, ...call.headers },
      body: request.body ?? null,
      signal: call.signal ?? null,
      credentials: 'same-origin',
    })
    text = await answer.text()
  } catch (error) {
    call.signal?.throwIfAborted()
    return { ok: false, error: networkError(error) }
  }
  return readOutcome(answer, parseJson(text))
}

function readOutcome(answer: Response, body: unknown): Outcome {
  if (answer.ok && typeof body === 'object' && body !== null && 'code' in body && Number(body.code) === 0) {
    const { code: _code, msg: _msg, ...rest } = body as Record<string, unknown>
    return { ok: true, answer: rest }
  }
  return { ok: false, error: errorOfAnswer(answer, body) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function credentialHeaders(
  options: DriveOptions,
  request: WireRequest,
  url: string,
): Promise<Record<string, string>> {
  if (options.app) {
    const traceId = randomHex(29)
    return signRequest({ ...options.app, method: request.method, url, body: request.body ?? '', traceId })
  }
  const token = typeof options.token === 'function' ? options.token() : options.token
  if (token) return { Authorization: `Bearer ${token}` }
  // The server's guard against forged requests demands a header that no other site's form can send.
  return inBrowser ? { 'x-driveway-client': 'web' } : {}
}
