import { type ErrorKind, errorKinds, type ErrorReason, type Issue, type Position } from '@driveway/contract'

export interface ErrorDetail {
  reason: string
  position: Position | ''
  field: string
  description: string
}

const usualLimit = Error.stackTraceLimit

/** A refusal is an answer, not a fault: where it was made tells nothing, and noting it would cost more than the answer. */
function withoutStack(reason: string): string {
  Error.stackTraceLimit = 0
  return reason
}

/** Every failure the rules know. The wire form is made in `http/envelope.ts` only. */
export class DriveError extends Error {
  readonly reason: ErrorReason
  readonly details: ErrorDetail[]
  /** True when the reason says all there is to say. */
  readonly isPlain: boolean
  /** What a client needs to go on: `triesLeft`, `retryAfter` (seconds), `conflictFileId`. */
  readonly data: Record<string, unknown>

  constructor(
    reason: ErrorReason,
    rest: { field?: string; data?: Record<string, unknown>; details?: ErrorDetail[] } = {},
  ) {
    super(withoutStack(reason))
    Error.stackTraceLimit = usualLimit
    this.reason = reason
    this.data = rest.data ?? {}
    this.isPlain = rest.field === undefined && rest.data === undefined && rest.details === undefined
    this.details = rest.details ?? [
      { reason, position: rest.field ? 'body' : '', field: rest.field ?? '', description: errorKinds[reason].en },
    ]
  }

  get kind(): ErrorKind {
    return errorKinds[this.reason]
  }
}

/** The failure for input that does not fit its schema. */
export function invalidInput(issues: Issue[]): DriveError {
  return new DriveError('PARAMETER_INVALID', {
    details: issues.map(({ reason, position, field, description }) => ({
      reason,
      position,
      field,
      description: field ? `${field} ${description}` : description,
    })),
  })
}

/** The failure for one field that its schema allows and a rule does not. */
export function invalidField(field: string, reason: Issue['reason'], description: string): DriveError {
  return invalidInput([{ position: 'body', field, reason, description }])
}
