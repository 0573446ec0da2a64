import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { reasonOf } from '../shared/drive.ts'
import { useSession } from '../shared/session.ts'
import { doorFor, keepToken, readToken } from './door.ts'

/** How far a visitor got with a link, and what opens it further. */
export function useLink(shortUrl: string) {
  const session = useSession()
  const door = doorFor(session.data != null)
  const [token, setToken] = useState(() => readToken(shortUrl))
  const isKnown = session.isSuccess
  const facts = useQuery({
    queryKey: ['link', shortUrl, door.isSignedIn],
    queryFn: async ({ signal }) => (await door.info({ shortUrl }, { signal })).link,
    enabled: isKnown,
    staleTime: Infinity,
  })
  const visit = useQuery({
    queryKey: ['visit', shortUrl, door.isSignedIn],
    queryFn: async ({ signal }) => {
      await door.visit({ shortUrl }, { signal })
      return true
    },
    enabled: isKnown,
    staleTime: Infinity,
  })
  const verify = useVerify(shortUrl, setToken)
  const forgetToken = useCallback((): void => {
    keepToken(shortUrl, undefined)
    setToken(undefined)
  }, [shortUrl])
  return {
    person: session.data ?? null,
    door,
    facts,
    visit,
    token,
    verify,
    forgetToken,
    needsCode: reasonOf(visit.error) === 'ACCESS_CODE_REQUIRED' && token === undefined,
    failure: session.error ?? facts.error ?? (reasonOf(visit.error) === 'ACCESS_CODE_REQUIRED' ? null : visit.error),
    isReady: facts.isSuccess && (visit.isSuccess || visit.isError),
  }
}

/** Everything known of a link. */
export type LinkState = ReturnType<typeof useLink>

function useVerify(shortUrl: string, setToken: (token: string) => void) {
  const client = useQueryClient()
  const session = useSession()
  const door = doorFor(session.data != null)
  return useMutation({
    mutationFn: async (extractCode: string) => (await door.verify({ shortUrl, extractCode })).kdstoken,
    onSuccess: (token) => {
      keepToken(shortUrl, token)
      setToken(token)
    },
    onError: (error) => {
      const isAboutCode = ['ACCESS_CODE_WRONG', 'TOO_MANY_ATTEMPTS'].includes(reasonOf(error))
      if (!isAboutCode) void client.invalidateQueries({ queryKey: ['visit', shortUrl] })
    },
  })
}
