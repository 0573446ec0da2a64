import { DriveError } from '@driveway/sdk'
import { plain } from './output.ts'
import { UserError } from './user-error.ts'

const nextSteps: Record<string, string> = {
  TOKEN_INVALID: 'Run: driveway login',
  SIGN_IN_REQUIRED: 'Run: driveway login',
  CREDENTIAL_WRONG: 'Check both and try again; an administrator can set a new one: driveway user reset ACCOUNT',
  NOT_AN_ADMINISTRATOR: 'Sign in as one: driveway login',
  ACCESS_CODE_REQUIRED: 'Give it with --code.',
  ACCESS_CODE_WRONG: 'Ask the sharer for it and give it with --code.',
  UPLOAD_INCOMPLETE: 'Run the same command again to go on.',
  UNAVAILABLE: 'Run the same command again to go on.',
  BAD_ANSWER: 'Is this the address of a Driveway server? Say which with --server URL.',
  CONTENT_WRONG: 'Run the same command again.',
}

const systemErrors: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'this is a folder',
  ENOTDIR: 'a part of this path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  ELOOP: 'symbolic links are not followed',
  EMFILE: 'too many open files',
}

/** The one line that tells a person what went wrong and what to do next. */
export function describeFailure(error: unknown): string {
  if (error instanceof DriveError) return describeDriveError(error)
  if (error instanceof UserError) return plain(error.message)
  if (error instanceof Error) return describeError(error)
  return plain(String(error))
}

function describeDriveError(error: DriveError): string {
  const fields = error.details
    .filter((detail) => detail.errorParam && detail.description)
    .map(({ errorParam, description }) =>
      description.startsWith(errorParam) ? description : `${errorParam} ${description}`,
    )
  const retryAfter = Number(error.data['retryAfter'] ?? 0)
  const parts = [
    error.message,
    error.reason === 'PARAMETER_INVALID' && fields.length > 0 ? `(${fields.join('; ')})` : '',
    retryAfter > 0 ? `Try again in ${Math.ceil(retryAfter)} s.` : '',
    error.reason === 'NETWORK' ? `${causeOf(error)}Is it running, and is its address right? (--server URL)` : '',
    nextSteps[error.reason] ?? '',
    error.status >= 500 && error.traceId ? `Trace id ${error.traceId}.` : '',
  ]
  return plain(parts.filter(Boolean).join(' '))
}

function causeOf(error: DriveError): string {
  const cause = error.cause instanceof Error ? (error.cause.cause ?? error.cause) : undefined
  return cause instanceof Error && cause.message ? `(${cause.message}) ` : ''
}

function describeError(error: Error & { code?: unknown; path?: unknown }): string {
  const known = typeof error.code === 'string' ? systemErrors[error.code] : undefined
  if (known) return plain(typeof error.path === 'string' ? `${error.path}: ${known}` : known)
  return plain(error.message)
}

/** The exit code that goes with an error: 2 for a wrong command line, 130 for an interrupt, otherwise 1. */
export function exitCodeOf(error: unknown): number {
  return error instanceof UserError ? error.exitCode : 1
}
