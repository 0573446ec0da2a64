import { useQuery } from '@tanstack/react-query'
import { drive } from '../../shared/drive.ts'
import { findDepartments } from './departments.ts'
import type { Receiver } from './draft.ts'

/** A receiver that can be chosen, with what tells it from others of the same name. */
export interface Candidate extends Receiver {
  detail: string
}

/** Departments, groups and people whose names contain a text; the first of each without one. */
export function useCandidates(search: string, isWanted: boolean) {
  const found = useQuery<Candidate[]>({
    queryKey: ['receivers', search],
    enabled: isWanted,
    placeholderData: (previous) => previous,
    queryFn: async ({ signal }) =>
      (await Promise.all([departments(search, signal), groups(search, signal), people(search, signal)])).flat(),
  })
  return { isPending: found.isPending, isFetching: found.isFetching, candidates: found.data ?? [] }
}

async function departments(search: string, signal: AbortSignal): Promise<Candidate[]> {
  const found = await findDepartments(search, signal)
  return found.slice(0, 20).map(({ id, name, path }) => ({ kind: 'department', id, name, detail: path }))
}

async function groups(search: string, signal: AbortSignal): Promise<Candidate[]> {
  const byName = search === '' ? {} : { groupName: search }
  const lists = await Promise.all(
    [0, 1].map((sourceType) => drive.listGroups({ sourceType, pageSize: 20, ...byName }, { signal })),
  )
  return lists
    .flatMap(({ userGroupList }) => userGroupList)
    .map(({ id, groupName }) => ({ kind: 'group', id, name: groupName, detail: '' }))
}

async function people(search: string, signal: AbortSignal): Promise<Candidate[]> {
  const byName = search === '' ? {} : { keyWord: search }
  const { list } = await drive.listPeople({ offset: 0, limit: 20, ...byName }, { signal })
  return list
    .filter(({ status }) => status === 0)
    .map(({ id, name, account, deptName }) => ({
      kind: 'person',
      id,
      name,
      detail: [account, deptName].filter(Boolean).join(' · '),
    }))
}
