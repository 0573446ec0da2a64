import { setImmediate } from 'node:timers/promises'

/** Why long work ends between two steps: it was cancelled (clear up), or another run will go on with it (leave things as they are). */
export class Interrupted extends Error {
  readonly isCancelled: boolean

  constructor(isCancelled: boolean) {
    super(isCancelled ? 'the work was cancelled' : 'the work goes on in another run')
    this.isCancelled = isCancelled
  }
}

/** Whether the signal says that the work is not wanted any more. */
export function isCancelled(signal: AbortSignal): boolean {
  return signal.reason instanceof Interrupted && signal.reason.isCancelled
}

/** Lets others have the event loop, then throws the signal's reason when the work is to end. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

/** For work that has to be done whatever happens. */
export const neverAborted = new AbortController().signal
