import { UserError } from './user-error.ts'

let controller: AbortController | undefined

/** A signal that Ctrl+C and SIGTERM abort, so that work ends where the next run can go on; a second Ctrl+C ends at once. */
export function interruption(): AbortSignal {
  if (!controller) {
    const stop = new AbortController()
    controller = stop
    const abort = () => stop.abort(new UserError('Interrupted. Run the same command again to go on.', 130))
    process.once('SIGINT', abort)
    process.once('SIGTERM', abort)
  }
  return controller.signal
}
