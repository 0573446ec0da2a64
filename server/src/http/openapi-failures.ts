import { errorKinds, type ErrorReason } from '@driveway/contract'
import type { JsonObject } from './openapi-examples.ts'

const errorData: Partial<Record<ErrorReason, JsonObject>> = {
  DUPLICATE_NAME: { conflictFileId: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr' },
  ACCESS_CODE_WRONG: { triesLeft: 4 },
  TOO_MANY_ATTEMPTS: { triesLeft: 0, retryAfter: 30 },
}
const statusTexts: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** The body of one kind of failure, as the wire shows it (decision W3). */
export function errorExample(reason: ErrorReason): JsonObject {
  const { code, status, en } = errorKinds[reason]
  const isField = reason === 'PARAMETER_INVALID'
  const detail = {
    domain: 'koodrive',
    reason,
    errorCode: String(code),
    description: isField ? 'must be 1 to 365' : en,
    errorPos: isField ? 'body' : '',
    errorParam: isField ? 'validDays' : '',
  }
  return {
    code,
    msg: en,
    error: {
      errorData: errorData[reason] ?? {},
      errorDetail: [detail],
      code: status,
      description: statusTexts[status] ?? '',
    },
  }
}

/** The examples of the document, one for each kind of failure. */
export function describeExamples(reasons: ErrorReason[]): JsonObject {
  const different = [...new Set(reasons)].sort((a, b) => (a < b ? -1 : 1))
  return Object.fromEntries(
    different.map((reason) => [reason, { summary: errorKinds[reason].en, value: errorExample(reason) }]),
  )
}

/** The answer that stands for these kinds of failure; they share one HTTP status. */
export function describeFailures(reasons: ErrorReason[]): JsonObject {
  const headers: JsonObject = { 'X-Traceid': { $ref: '#/components/headers/traceId' } }
  const mayWait = reasons.some((reason) => errorKinds[reason].status === 429 || errorKinds[reason].status === 503)
  if (mayWait) headers['Retry-After'] = { $ref: '#/components/headers/retryAfter' }
  return {
    description: reasons.map((reason) => `\`${reason}\` (${errorKinds[reason].code})`).join(', '),
    headers,
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        examples: Object.fromEntries(reasons.map((reason) => [reason, { $ref: `#/components/examples/${reason}` }])),
      },
    },
  }
}
