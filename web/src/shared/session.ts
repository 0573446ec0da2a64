import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type AnswerOf, drive, reasonOf, sessionKey } from './drive.ts'

/** The signed-in person. */
export type Person = AnswerOf<'checkSession'>['data']

/** Who is signed in on this browser: a person, or null. */
export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: readSession, staleTime: 60_000 })
}

/** Signs in with account and password; the session is a cookie that scripts cannot read. */
export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (input: { account: string; password: string }) =>
      drive.login({ ...input, authType: '1', cookie: true }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionKey }),
  })
}

/** Ends the session and drops everything that was read in its name. */
export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => drive.logoff(),
    onSuccess: () => {
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
      client.setQueryData(sessionKey, null)
    },
  })
}

async function readSession(): Promise<Person | null> {
  try {
    return (await drive.checkSession()).data
  } catch (error) {
    if (reasonOf(error) === 'TOKEN_INVALID') return null
    throw error
  }
}
