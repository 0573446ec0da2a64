import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext } from 'react'
import { FailedList } from '../listing/ListStates.tsx'
import { type AnswerOf, drive } from '../shared/drive.ts'
import type { Person } from '../shared/session.ts'
import { useTexts } from '../shared/use-texts.ts'

/** The space that is shown. */
export type Space = AnswerOf<'getSpace'>['data']

const SpaceContext = createContext<Space | null>(null)

/** Reads the person's own space; what is inside is shown once it is known. */
export function SpaceProvider({ person, children }: { person: Person; children: ReactNode }) {
  const { explain } = useTexts()
  const space = useQuery({
    queryKey: ['space', person.innerUserId],
    queryFn: async ({ signal }) => (await drive.getSpace({ ownerId: person.innerUserId, type: 1 }, { signal })).data,
  })
  if (space.data) return <SpaceContext value={space.data}>{children}</SpaceContext>
  if (space.error) return <FailedList text={explain(space.error)} onRetry={() => void space.refetch()} />
  return null
}

/** The space that is shown; only below a SpaceProvider. */
export function useSpace(): Space {
  const space = useContext(SpaceContext)
  if (!space) throw new Error('no space is shown here')
  return space
}
