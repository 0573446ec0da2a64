import { type Drive, pages } from '@driveway/sdk'
import { findDepartment } from './departments.ts'
import { foldName } from './drive-path.ts'
import { plain } from './output.ts'
import { ask, canAsk } from './prompt.ts'
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

type Person = Awaited<ReturnType<Drive['listPeople']>>['list'][number]

async function findPerson(drive: Drive, name: string): Promise<string> {
  if (/^\d{19}$/.test(name)) return name
  const people = await searchPeople(drive, name)
  const byAccount = people.find((person) => foldName(person.account) === foldName(name))
  if (byAccount) return byAccount.id
  const exact = people.filter((person) => foldName(person.name) === foldName(name))
  const [person, ...others] = exact
  if (person && others.length === 0) return person.id
  if (person) {
    const choices = exact.map(({ account, deptName }) => `${account} (${deptName})`).join(', ')
    throw new UserError(`${exact.length} people are called "${name}": give the account of the right one: ${choices}`)
  }
  return confirmNear(name, people)
}

const mostPeople = 1000

async function searchPeople(drive: Drive, keyWord: string): Promise<Person[]> {
  const people: Person[] = []
  for (let isMore = true; isMore && people.length < mostPeople;) {
    const { list, total } = await drive.listPeople({ keyWord, limit: 100, offset: people.length })
    people.push(...list)
    isMore = list.length > 0 && people.length < total
  }
  return people
}

/** A part of a name finds somebody too, but only a person may say that it is the right one. */
async function confirmNear(name: string, list: Person[]): Promise<string> {
  const [near, ...others] = list
  if (near && others.length === 0 && canAsk()) {
    const answer = await ask(`Share with ${plain(near.name)} (${plain(near.deptName)})? yes/no`, 'no')
    if (/^y(es)?$/i.test(answer)) return near.id
  }
  const names = list.slice(0, 5).map((other) => `"${other.name}"`)
  const hint =
    names.length > 0
      ? `Did you mean ${names.join(' or ')}?`
      : 'For departments and groups write dept:NAME or group:NAME.'
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
