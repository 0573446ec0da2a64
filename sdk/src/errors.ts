import { errorKinds } from '@driveway/contract'

/** One thing a refused call got wrong: where (`header`, `path`, `query`, `body`), which field (JSON path), and why. */
export interface ErrorDetail {
  errorPos: string
  errorParam: string
  reason: string
  description: string
}

/** What a DriveError is made of. */
export interface DriveErrorParts {
  code: number
  reason: string
  status: number
  message: string
  details?: ErrorDetail[]
  data?: Record<string, unknown>
  traceId?: string
  cause?: unknown
}

/**
 * A call that did not succeed (decision W3). `reason` is the stable symbol to decide by; beside those of the contract it is
 * `NETWORK` when no answer came (code -1, status 0) and `BAD_ANSWER` when what came was no answer of this API (code -1).
 */
export class DriveError extends Error {
  override readonly name = 'DriveError'
  readonly code: number
  readonly reason: string
  readonly status: number
  readonly details: ErrorDetail[]
  /** What a client needs to go on: `triesLeft`, `retryAfter` (seconds), `conflictFileId`. */
  readonly data: Record<string, unknown>
  readonly traceId: string | undefined

  constructor(parts: DriveErrorParts) {
    super(parts.message, { cause: parts.cause })
    this.code = parts.code
    this.reason = parts.reason
    this.status = parts.status
    this.details = parts.details ?? []
    this.data = parts.data ?? {}
    this.traceId = parts.traceId
  }
}

/** The error of a call that got no answer; `cause` is what the network layer said. */
export function networkError(cause: unknown): DriveError {
  return new DriveError({ code: -1, reason: 'NETWORK', status: 0, message: 'The server could not be reached.', cause })
}

/** The error an answer stands for: its envelope when it has one, otherwise BAD_ANSWER or UNAVAILABLE by the HTTP status. */
export function errorOfAnswer(answer: { status: number; headers: Headers }, body: unknown): DriveError {
  const { status } = answer
  const traceId = answer.headers.get('x-traceid') ?? undefined
  const envelope = asObject(body)
  const code = Number(envelope?.['code'] ?? Number.NaN)
  if (!envelope || !Number.isFinite(code)) return errorWithoutEnvelope(status, traceId)
  const error = asObject(envelope['error'])
  const details = readDetails(error?.['errorDetail'])
  const data = { ...asObject(error?.['errorData']) }
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (data['retryAfter'] === undefined && Number.isFinite(retryAfter)) data['retryAfter'] = retryAfter
  const message = typeof envelope['msg'] === 'string' ? envelope['msg'] : 'The call failed.'
  return new DriveError({ code, status, message, details, data, traceId, reason: reasonOf(code, status, details) })
}

function errorWithoutEnvelope(status: number, traceId: string | undefined): DriveError {
  const isAway = status === 502 || status === 503 || status === 504
  const message = isAway
    ? 'The service is not available now.'
    : `The server gave no answer of this API (HTTP ${status}).`
  return new DriveError({ code: -1, status, traceId, message, reason: isAway ? 'UNAVAILABLE' : 'BAD_ANSWER' })
}

// Details of a refused field carry the field's own reason (MISSING, …); then the code names the kind.
function reasonOf(code: number, status: number, details: ErrorDetail[]): string {
  const named = details.find((detail) => Object.hasOwn(errorKinds, detail.reason))
  if (named) return named.reason
  const kinds = Object.entries(errorKinds).filter(([, kind]) => kind.code === code)
  const kind = kinds.find(([, { status: usual }]) => usual === status) ?? kinds[0]
  return kind?.[0] ?? details[0]?.reason ?? 'UNKNOWN'
}

function readDetails(list: unknown): ErrorDetail[] {
  if (!Array.isArray(list)) return []
  return list.map((item) => {
    const detail = asObject(item)
    const text = (name: string) => (typeof detail?.[name] === 'string' ? detail[name] : '')
    return {
      errorPos: text('errorPos'),
      errorParam: text('errorParam'),
      reason: text('reason'),
      description: text('description'),
    }
  })
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
