import { useQuery } from '@tanstack/react-query'
import { drive } from '../../shared/drive.ts'
import type { Receiver } from './draft.ts'

/** A receiver that can be chosen, with what tells it from others of the same name. */
export interface Candidate extends Receiver {
  detail: string
}

/** Departments, groups and people whose names contain a text; the first of each without one. */
export function useCandidates(search: string, isWanted: boolean) {
  return useQuery<Candidate[]>({
    queryKey: ['receivers', search],
    enabled: isWanted,
    placeholderData: (previous) => previous,
    queryFn: async ({ signal }) => {
      const found = await Promise.all([departments(search, signal), groups(search, signal), people(search, signal)])
      return found.flat()
    },
  })
}

async function departments(search: string, signal: AbortSignal): Promise<Candidate[]> {
  const byName = search === '' ? {} : { keyWord: search }
  const { list } = await drive.listDepartments(byName, { signal })
  const root = list[0]
  const below = root ? (await drive.listDepartments({ departmentId: root.id, ...byName }, { signal })).list : []
  const all = new Map([...list, ...below].map((department) => [department.id, department]))
  return [...all.values()].slice(0, 20).map(({ id, name }) => ({ kind: 'department', id, name, detail: '' }))
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
    .map(({ id, name, deptName }) => ({ kind: 'person', id, name, detail: deptName }))
}
