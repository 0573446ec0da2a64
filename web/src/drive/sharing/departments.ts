import { drive } from '../../shared/drive.ts'

/** A department with the names above it, the root left out. */
export interface PlacedDepartment {
  id: string
  name: string
  path: string
}

/** Departments whose names contain a text, 100 at most; without one the organisation and what is right below it. */
export async function findDepartments(search: string, signal: AbortSignal): Promise<PlacedDepartment[]> {
  if (search !== '') return place((await drive.listDepartments({ keyWord: search }, { signal })).list)
  const [root] = (await drive.listDepartments({}, { signal })).list
  if (!root) return []
  const below = await drive.listDepartments({ departmentId: root.id }, { signal })
  return place([root, ...below.list])
}

function place(list: { id: string; name: string; path?: string }[]): PlacedDepartment[] {
  return list.map(({ id, name, path = '' }) => ({ id, name, path: path.replaceAll('/', ' / ') }))
}
