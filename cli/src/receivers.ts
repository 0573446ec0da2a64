import { type Drive, pages } from '@driveway/sdk'
import { findDepartment } from './departments.ts'
import { foldName } from './drive-path.ts'
import { UserError } from './user-error.ts'

/** Receivers of a share, as the API takes them. */
export interface Receivers {
  userIds: string[]
  deptIds: string[]
  groupIds: string[]
}

/**
 * Finds receivers by name: a person's name or id, `dept:Sales/North`, `group:Reviewers`. Refuses what fits nobody, more than
 * one, or only partly: a share must not reach somebody else.
 */
export async function findReceivers(drive: Drive, names: readonly string[]): Promise<Receivers> {
  const receivers: Receivers = { userIds: [], deptIds: [], groupIds: [] }
  for (const name of names) {
    if (name.startsWith('dept:')) receivers.deptIds.push((await findDepartment(drive, name.slice(5))).id)
    else if (name.startsWith('group:')) receivers.groupIds.push(await findGroup(drive, name.slice(6)))
    else receivers.userIds.push(await findPerson(drive, name))
  }
  return {
    userIds: [...new Set(receivers.userIds)],
    deptIds: [...new Set(receivers.deptIds)],
    groupIds: [...new Set(receivers.groupIds)],
  }
}

async function findPerson(drive: Drive, name: string): Promise<string> {
  if (/^\d{19}$/.test(name)) return name
  const { list } = await drive.listPeople({ keyWord: name, limit: 100, offset: 0 })
  const exact = list.filter((person) => foldName(person.name) === foldName(name))
  const [person, ...others] = exact
  if (person && others.length === 0) return person.id
  if (person) {
    const choices = exact.map(({ id, deptName }) => `${id} (${deptName})`).join(', ')
    throw new UserError(`${exact.length} people are called "${name}": give the id of the right one: ${choices}`)
  }
  const near = list.slice(0, 5).map((other) => `"${other.name}"`)
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'For departments and groups write dept:NAME or group:NAME.'
  throw new UserError(`There is nobody called "${name}". ${hint}`)
}

async function findGroup(drive: Drive, name: string): Promise<string> {
  const page = (pageCursor: string | undefined) =>
    drive.listGroups({ sourceType: 1, groupName: name, pageSize: 100, ...(pageCursor ? { pageCursor } : {}) })
  for await (const { userGroupList } of pages(page)) {
    const group = userGroupList.find((one) => foldName(one.groupName) === foldName(name))
    if (group) return group.id
  }
  throw new UserError(`You have no group called "${name}".`)
}
