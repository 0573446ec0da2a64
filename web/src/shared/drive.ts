import { type Answer, errorKinds, type EndpointName, type Endpoints } from '@driveway/contract'
import { createDrive, DriveError } from '@driveway/sdk'
import { QueryCache, MutationCache, QueryClient } from '@tanstack/react-query'

/** The server this page came from, with the browser's session cookie. */
export const drive = createDrive({ baseUrl: '' })

/** What an endpoint answers. */
export type AnswerOf<Name extends EndpointName> = Answer<Endpoints[Name]>

/** Key of the query that holds who is signed in, null when nobody is. */
export const sessionKey = ['session']

/** The stable symbol of a failed call, `''` when the failure was none of the server's. */
export function reasonOf(error: unknown): string {
  return error instanceof DriveError ? error.reason : ''
}

/** What went wrong, in the visitor's language; an unknown failure gets `fallback`. */
export function errorText(error: unknown, language: string, fallback: string): string {
  if (!(error instanceof DriveError)) return fallback
  const kind = Object.entries(errorKinds).find(([reason]) => reason === error.reason)?.[1]
  if (!kind) return fallback
  const text = language === 'zh' ? kind.zh : kind.en
  return kind.status >= 500 && error.traceId ? `${text} (${error.traceId})` : text
}

/** What an error code means, in the visitor's language; undefined for codes of no kind. */
export function textOfCode(code: number, language: string): string | undefined {
  const kind = Object.values(errorKinds).find((known) => known.code === code)
  return language === 'zh' ? kind?.zh : kind?.en
}

/** A query client that forgets the signed-in person as soon as the server refuses the session. */
export function createQueryClient(): QueryClient {
  const forgetSession = (error: unknown): void => {
    if (reasonOf(error) === 'TOKEN_INVALID') client.setQueryData(sessionKey, null)
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: forgetSession }),
    mutationCache: new MutationCache({ onError: forgetSession }),
    defaultOptions: {
      queries: { retry: (count, error) => count < 2 && isPassing(error), staleTime: 15_000 },
    },
  })
  return client
}

function isPassing(error: unknown): boolean {
  return ['NETWORK', 'UNAVAILABLE', 'INTERNAL'].includes(reasonOf(error))
}
