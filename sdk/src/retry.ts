import { DriveError } from './errors.ts'

/** How often and how long apart a step is tried. */
export interface RetryPolicy {
  attempts: number
  /** Longest wait before the second try; doubles with each further one. */
  firstDelayMs: number
  longestDelayMs: number
}

/** Bridges about a minute without a server. */
export const usualRetries: RetryPolicy = { attempts: 8, firstDelayMs: 500, longestDelayMs: 15_000 }

/** Whether trying again can help: no answer came, the server is busy or broke, or the same call is still running. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof DriveError)) return false
  return ['NETWORK', 'UNAVAILABLE', 'INTERNAL', 'IN_PROGRESS'].includes(error.reason) || error.status === 429
}

/** The wait before try number `attempt` (from 1 for the second try): random up to a bound that doubles, or what the server asks for. */
export function delayBefore(attempt: number, policy: RetryPolicy, error: unknown): number {
  const asked = error instanceof DriveError ? Number(error.data['retryAfter'] ?? 0) : 0
  const bound = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1))
  return Math.max(asked > 0 ? asked * 1000 : 0, bound / 2 + (Math.random() * bound) / 2)
}

/** Runs a step until it succeeds, its error cannot pass, or the attempts are used up; rejects at once when aborted. */
export async function withRetries<T>(
  step: (attempt: number) => Promise<T>,
  options: { policy?: RetryPolicy; signal?: AbortSignal | undefined; isPassing?: (error: unknown) => boolean } = {},
): Promise<T> {
  const { policy = usualRetries, signal, isPassing = mayPass } = options
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await step(attempt)
    } catch (error) {
      signal?.throwIfAborted()
      if (attempt >= policy.attempts || !isPassing(error)) throw error
      await pause(delayBefore(attempt, policy, error), signal)
    }
  }
}

/** Waits; rejects with the signal's reason when aborted meanwhile. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
