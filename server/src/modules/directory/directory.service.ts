import type { Answer, Endpoints, Input } from '@driveway/contract'
import type { Context } from '../../context.ts'
import { containing, startingWith } from '../../db/like.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { foldName } from '../../names.ts'
import { userIdsWithMobile } from './directory.queries.ts'
import { findDepartment } from './departments.queries.ts'
import { maskMobile, mobileForms } from './mobile.ts'
import { accountLists, peopleLists } from './people-list.queries.ts'

export {
  countUsers,
  existingUserIds,
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
  existingDepartmentIds,
  findDepartment,
  holdDepartment,
  insertDepartment,
  selectDepartments,
} from './departments.queries.ts'
export { existingGroupIds, groupIdsOf } from './groups.queries.ts'
export { keptMobile } from './mobile.ts'

/** The people with one of these mobile numbers (a JSON array, in any usual form). */
export async function userIdsByMobile(db: Db, json: string): Promise<string[]> {
  const numbers = JSON.parse(json) as string[]
  return userIdsWithMobile(db, JSON.stringify([...new Set(numbers.flatMap(mobileForms))]))
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
  const { deptId, keyWord } = input
  await requireDepartment(ctx, deptId)
  const scope = deptId === undefined ? 'everybody' : input.isDirect ? 'inDepartment' : 'inSubtree'
  const { count, page } = peopleLists[scope][keyWord === undefined ? 'plain' : 'named']
  const filter = filterOf(deptId, keyWord)
  const [rows, total] = await Promise.all([
    page.all(ctx.db, { ...filter, offset: input.offset, limit: input.limit }),
    count.first(ctx.db, filter),
  ])
  return {
    list: rows.map((row) => ({
      id: row.id,
      userId: row.id,
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
