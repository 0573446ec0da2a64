import { errorKinds, type ErrorReason } from '@driveway/contract'
import { DriveError, invalidField } from '../errors.ts'
import { errorEnvelope } from './envelope.ts'
import type { Json, JsonObject } from './openapi-examples.ts'

const errorData: Partial<Record<ErrorReason, Record<string, unknown>>> = {
  DUPLICATE_NAME: { conflictFileId: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr' },
  ACCESS_CODE_WRONG: { triesLeft: 4 },
  TOO_MANY_ATTEMPTS: { triesLeft: 0, retryAfter: 30 },
}

function errorExample(reason: ErrorReason): Json {
  const isField = reason === 'PARAMETER_INVALID'
  const error = isField
    ? invalidField('validDays', 'OUT_OF_RANGE', 'must be 1 to 365')
    : new DriveError(reason, { data: errorData[reason] ?? {} })
  return JSON.parse(errorEnvelope(error, 'en').body) as Json
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
