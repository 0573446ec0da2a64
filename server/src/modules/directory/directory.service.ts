import type { Answer, Endpoints, Input } from '@driveway/contract'
import type { Context } from '../../context.ts'
import { containing, startingWith } from '../../db/like.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { foldName } from '../../names.ts'
import { userIdsWithMobile } from './directory.queries.ts'
import { findDepartment } from './departments.queries.ts'
import { maskMobile, mobileForms } from './mobile.ts'
import { peopleLists } from './people-list.queries.ts'

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

/** People of a department, of a department and those below, or of all, by name (org.md 2). NOT_FOUND without the department. */
export async function listPeople(
  ctx: Context,
  input: Input<Endpoints['listPeople']>,
): Promise<Answer<Endpoints['listPeople']>> {
  const { deptId, keyWord } = input
  if (deptId !== undefined && !(await findDepartment.first(ctx.db, { id: deptId }))) {
    throw new DriveError('NOT_FOUND', { field: 'deptId' })
  }
  const scope = deptId === undefined ? 'everybody' : input.isDirect ? 'inDepartment' : 'inSubtree'
  const { count, page } = peopleLists[scope][keyWord === undefined ? 'plain' : 'named']
  const fold = foldName(keyWord ?? '')
  const filter = { department_id: deptId ?? '', name: containing(fold), account: startingWith(fold) }
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
