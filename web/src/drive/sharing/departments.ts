import { drive } from '../../shared/drive.ts'

/** A department with the names above it, the root left out. */
export interface PlacedDepartment {
  id: string
  name: string
  path: string
}

const mostAsked = 200
const atOnce = 8

/** The departments of the organisation, level by level; the API lists children only, so 200 of them are looked into at most. */
export async function readDepartments(signal: AbortSignal): Promise<PlacedDepartment[]> {
  const { list } = await drive.listDepartments({}, { signal })
  const found: PlacedDepartment[] = list.map(({ id, name }) => ({ id, name, path: '' }))
  for (let next = 0; next < found.length && next < mostAsked; next += atOnce) {
    const parents = found.slice(next, Math.min(next + atOnce, mostAsked))
    const children = await Promise.all(parents.map((parent) => readChildren(parent, found[0] === parent, signal)))
    found.push(...children.flat())
  }
  return found
}

async function readChildren(
  parent: PlacedDepartment,
  isRoot: boolean,
  signal: AbortSignal,
): Promise<PlacedDepartment[]> {
  const { list } = await drive.listDepartments({ departmentId: parent.id }, { signal })
  const path = isRoot ? '' : [parent.path, parent.name].filter(Boolean).join(' / ')
  return list.map(({ id, name }) => ({ id, name, path }))
}
