import type { Answer, Endpoints, Input } from '@driveway/contract'
import type { Context } from '../../context.ts'
import { readCursor, writeCursor } from '../../cursor.ts'
import { DriveError } from '../../errors.ts'
import { foldName } from '../../names.ts'
import { HashingBusyError, hashPassword } from '../auth/passwords.ts'
import { findEnterprise, selectAccounts } from '../directory/directory.service.ts'
import { changePerson, createPerson, gigabyte, requirePersonName } from './people.changes.ts'

async function hashNow(password: string): Promise<string> {
  try {
    return await hashPassword(password)
  } catch (error) {
    throw error instanceof HashingBusyError ? new DriveError('UNAVAILABLE', { data: { retryAfter: 1 } }) : error
  }
}

/** Makes a person with a personal space. DUPLICATE_NAME for a taken account, NOT_FOUND for the department. */
export async function createUser(
  ctx: Context,
  input: Input<Endpoints['createUser']>,
): Promise<Answer<Endpoints['createUser']>> {
  const name = requirePersonName(input.name)
  const departmentId = input.deptId ?? (await findEnterprise.first(ctx.db, {}))?.root_department_id ?? ''
  const person = {
    account: input.account,
    name,
    passwordHash: await hashNow(input.password),
    departmentId,
    role: input.role ?? 1,
    mobile: input.mobile ?? '',
    email: input.email ?? '',
  }
  const id = await ctx.db.transaction().execute((tx) => createPerson(tx, ctx, person))
  return { data: { id } }
}

/** Changes, disables or moves a person, or sets a new password. NOT_FOUND, NOT_PERMITTED, INSUFFICIENT_SPACE. */
export async function updateUser(
  ctx: Context,
  input: Input<Endpoints['updateUser']>,
): Promise<Answer<Endpoints['updateUser']>> {
  const { userId, password, deptId, capacity, ...rest } = input
  const changes = {
    ...rest,
    departmentId: deptId,
    passwordHash: password === undefined ? undefined : await hashNow(password),
    capacityBytes: capacity === undefined ? undefined : capacity * gigabyte,
  }
  await ctx.db.transaction().execute((tx) => changePerson(tx, ctx, userId, changes))
  return {}
}

/** All people by account, page by page. CURSOR_INVALID, NOT_FOUND for the department. */
export async function listUsers(
  ctx: Context,
  input: Input<Endpoints['listUsers']>,
): Promise<Answer<Endpoints['listUsers']>> {
  const { deptId, keyWord, pageSize = 100 } = input
  const list = `users:${deptId ?? ''}:${foldName(keyWord ?? '')}`
  const after = readCursor(ctx.keys.cursor, list, input.pageCursor)
  const rows = await selectAccounts(ctx, { deptId, keyWord, after: String(after?.value ?? ''), limit: pageSize + 1 })
  const page = rows.slice(0, pageSize)
  const last = rows.length > page.length ? page.at(-1) : undefined
  return {
    users: page.map((row) => ({
      id: row.id,
      account: row.account,
      name: row.name,
      deptId: row.department_id,
      deptName: row.department_name ?? '',
      role: row.role,
      status: row.status,
      mobile: row.mobile,
      email: row.email,
      containerId: row.space_id ?? '',
      createTime: row.created_at,
    })),
    ...(last && { nextCursor: writeCursor(ctx.keys.cursor, list, { value: last.account_fold, id: last.id }) }),
  }
}
