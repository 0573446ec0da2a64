import { errorKinds } from '@driveway/contract'
import { STATUS_CODES } from 'node:http'
import { DriveError, type ErrorDetail } from '../errors.ts'

/** A failure in its wire form (decision W3). */
export interface ErrorEnvelope {
  status: number
  retryAfter: number | undefined
  /** JSON text. */
  body: string
}

/** `zh` for `zh-CN`, `zh_cn` and their like, otherwise `en`. */
export function languageOf(header: unknown): 'en' | 'zh' {
  return typeof header === 'string' && /^zh\b|^zh_/i.test(header.trim()) ? 'zh' : 'en'
}

const plainBodies = new Map<string, string>()

/** Makes the wire form of a failure. What is no DriveError is ours, and says nothing of its inside. */
export function errorEnvelope(error: unknown, language: 'en' | 'zh'): ErrorEnvelope {
  const known = error instanceof DriveError ? error : new DriveError('INTERNAL')
  const retryAfter = known.data.retryAfter
  return {
    status: errorKinds[known.reason].status,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : undefined,
    body: known.isPlain ? plainBody(known, language) : bodyOf(known, language),
  }
}

/** Plain refusals are the same each time; the commonest answers a link gives to strangers are made once. */
function plainBody(error: DriveError, language: 'en' | 'zh'): string {
  const key = `${error.reason} ${language}`
  const body = plainBodies.get(key) ?? bodyOf(error, language)
  plainBodies.set(key, body)
  return body
}

function bodyOf(error: DriveError, language: 'en' | 'zh'): string {
  const kind = errorKinds[error.reason]
  return JSON.stringify({
    code: kind.code,
    msg: kind[language],
    error: {
      errorData: error.data,
      errorDetail: error.details.map((detail) => wireDetail(detail, error.reason, kind.code)),
      code: kind.status,
      description: STATUS_CODES[kind.status] ?? '',
    },
  })
}

function wireDetail(detail: ErrorDetail, reason: string, code: number): Record<string, string> {
  return {
    domain: 'driveway',
    // the field's own reason (MISSING, TOO_LONG) stands in the description's place of the vendor: reason names the kind of failure
    reason: reason === 'PARAMETER_INVALID' ? detail.reason : reason,
    errorCode: String(code),
    description: detail.description,
    errorPos: detail.position,
    errorParam: detail.field,
  }
}
