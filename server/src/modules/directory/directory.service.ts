import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, requireUser } from '../../context.ts'
import { containing, startingWith } from '../../db/like.ts'
import type { ReceiverKind } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { foldName } from '../../names.ts'
import { findDepartment, selectExistingDepartments } from './departments.queries.ts'
import { selectExistingUsers, selectUsersByMobile } from './directory.queries.ts'
import { selectOwnGroups } from './groups.queries.ts'
import { maskMobile, mobileForms } from './mobile.ts'
import { accountLists, peopleLists } from './people-list.queries.ts'

export {
  countUsers,
  findAnyAdministrator,
  findEnterprise,
  findUserByAccount,
  findUserById,
  holdEnterprise,
  holdUser,
  insertEnterprise,
  insertUser,
  selectUsersByAccount,
  updatePasswordHash,
  updateUserRow,
} from './directory.queries.ts'
export {
  ancestorDepartmentIds,
  findDepartment,
  holdDepartment,
  insertDepartment,
  selectDepartments,
} from './departments.queries.ts'
export { groupIdsOf } from './groups.queries.ts'
export { keptMobile } from './mobile.ts'

/** Which of these departments, groups or people there are; of groups, the caller's own, because nobody sees another's. */
export async function findExisting(ctx: Context, kind: ReceiverKind, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const json = JSON.stringify(ids)
  const finders = {
    department: () => selectExistingDepartments.all(ctx.db, { json }),
    group: () => selectOwnGroups.all(ctx.db, { owner_id: requireUser(ctx).userId, json }),
    user: () => selectExistingUsers.all(ctx.db, { json }),
  }
  return new Set((await finders[kind]()).map(({ id }) => id))
}

/** The people with these mobile numbers, in any usual form, by the number as given; of people with one number the first made. */
export async function findPeopleByMobile(ctx: Pick<Context, 'db'>, numbers: string[]): Promise<Map<string, string>> {
  const forms = numbers.map((number) => ({ number, forms: mobileForms(number) }))
  if (forms.length === 0) return new Map()
  const json = JSON.stringify(forms.flatMap((one) => one.forms))
  const byForm = new Map(
    (await selectUsersByMobile.all(ctx.db, { json })).toReversed().map((row) => [row.mobile, row.id]),
  )
  return new Map(
    forms.flatMap((one) => {
      const form = one.forms.find((kept) => byForm.has(kept))
      const id = form === undefined ? undefined : byForm.get(form)
      return id === undefined ? [] : [[one.number, id] as const]
    }),
  )
}

function filterOf(departmentId: string | undefined, keyWord: string | undefined) {
  const fold = foldName(keyWord ?? '')
  return { department_id: departmentId ?? '', name: containing(fold), account: startingWith(fold) }
}

async function requireDepartment(ctx: Context, id: string | undefined): Promise<void> {
  if (id === undefined || (await findDepartment.first(ctx.db, { id }))) return
  throw new DriveError('NOT_FOUND', { field: 'deptId' })
}

/** People of a department, of a department and those below, or of all, by name (org.md 2). NOT_FOUND without the department. */
export async function listPeople(
  ctx: Context,
  input: Input<Endpoints['listPeople']>,
): Promise<Answer<Endpoints['listPeople']>> {
  const { deptId, keyWord, offset = 0, limit = 100 } = input
  await requireDepartment(ctx, deptId)
  const scope = deptId === undefined ? 'everybody' : input.isDirect ? 'inDepartment' : 'inSubtree'
  const { count, page } = peopleLists[scope][keyWord === undefined ? 'plain' : 'named']
  const filter = filterOf(deptId, keyWord)
  const [rows, total] = await Promise.all([page.all(ctx.db, { ...filter, offset, limit }), count.first(ctx.db, filter)])
  return {
    list: rows.map((row) => ({
      id: row.id,
      userId: row.id,
      account: row.account,
      name: row.name,
      deptId: row.department_id,
      deptName: row.department_name ?? '',
      mobile: maskMobile(row.mobile),
      role: row.role,
      status: row.status,
    })),
    total: total?.count ?? 0,
  }
}

/** Up to `limit` people after an account, by account, with department and personal space. NOT_FOUND without the department. */
export async function selectAccounts(
  ctx: Context,
  page: { deptId?: string | undefined; keyWord?: string | undefined; after: string; limit: number },
) {
  await requireDepartment(ctx, page.deptId)
  const lists = accountLists[page.deptId === undefined ? 'everybody' : 'inSubtree']
  const list = lists[page.keyWord === undefined ? 'plain' : 'named']
  return list.all(ctx.db, { ...filterOf(page.deptId, page.keyWord), after: page.after, limit: page.limit })
}
