import { type Context, timestamp } from '../../context.ts'
import type { Db, Schema } from '../../db/schema.ts'
import { DriveError, invalidField } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { foldName } from '../../names.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { endSessionsOf } from '../auth/auth.service.ts'
import {
  findAnyAdministrator,
  findUserById,
  holdDepartment,
  holdEnterprise,
  holdUser,
  insertUser,
  keptMobile,
  updatePasswordHash,
  updateUserRow,
} from '../directory/directory.service.ts'
import { createPersonalSpace } from '../files/files.provision.ts'
import { setSpaceCapacity } from '../spaces/spaces.service.ts'

type User = Schema['users']

/** Bytes of a GB, as sizes of spaces are told. */
export const gigabyte = 1024 ** 3

/** 2, as people's roles are kept. */
export const systemAdministrator = 2

/** A person to be made. */
export interface NewPerson {
  account: string
  name: string
  passwordHash: string
  departmentId: string
  role: number
  mobile: string
  email: string
}

/** What is to change of a person; absent stays. */
export interface PersonChanges {
  name?: string | undefined
  passwordHash?: string | undefined
  departmentId?: string | undefined
  role?: number | undefined
  status?: number | undefined
  mobile?: string | undefined
  email?: string | undefined
  capacityBytes?: number | undefined
}

/** A person's name in its kept form. Throws PARAMETER_INVALID for a blank one and for control characters. */
export function requirePersonName(text: string): string {
  const name = text.normalize('NFC').trim()
  if (name === '') throw invalidField('name', 'TOO_SHORT', 'must not be blank')
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) throw invalidField('name', 'MALFORMED', 'must not have control characters')
  return name
}

/**
 * Makes a person with a personal space in the caller's transaction, whose passwords were hashed before it began; answers
 * the id. NOT_FOUND for the department, DUPLICATE_NAME for a taken account.
 */
export async function createPerson(tx: Db, ctx: Context, person: NewPerson): Promise<string> {
  const found = await holdDepartment.run(tx, { id: person.departmentId })
  if (found === 0) throw new DriveError('NOT_FOUND', { field: 'deptId' })
  return addPerson(tx, ctx, person)
}

/** As `createPerson`, for a department that is known to be there. */
export async function addPerson(tx: Db, ctx: Context, person: NewPerson): Promise<string> {
  const at = timestamp(ctx)
  const id = newId()
  const name = requirePersonName(person.name)
  const added = await insertUser.run(tx, {
    id,
    account: person.account,
    account_fold: foldName(person.account),
    name,
    name_fold: foldName(name),
    department_id: person.departmentId,
    role: person.role,
    status: 0,
    mobile: keptMobile(person.mobile),
    email: person.email,
    password_hash: person.passwordHash,
    created_at: at,
    updated_at: at,
  })
  if (added === 0) throw new DriveError('DUPLICATE_NAME', { field: 'account' })
  const by = ctx.actor.kind === 'user' ? ctx.actor.userId : id
  await createPersonalSpace(tx, { ownerId: id, capacityBytes: ctx.config.spaceGigabytes * gigabyte, at, by })
  const detail = { account: person.account, role: person.role, deptId: person.departmentId }
  await recordAudit(tx, ctx, { action: 'user.create', subjectId: id, detail })
  return id
}

/**
 * Changes a person in the caller's transaction. NOT_FOUND for person and department; NOT_PERMITTED when an administrator
 * would take the role from himself, or nobody would have it; INSUFFICIENT_SPACE for a size below use.
 */
export async function changePerson(tx: Db, ctx: Context, id: string, changes: PersonChanges): Promise<void> {
  // always held in this order: two changes never wait for each other
  if (changes.role !== undefined || changes.status !== undefined) await holdEnterprise.run(tx, {})
  const { departmentId } = changes
  if (departmentId !== undefined && (await holdDepartment.run(tx, { id: departmentId })) === 0) {
    throw new DriveError('NOT_FOUND', { field: 'deptId' })
  }
  await holdUser.run(tx, { id })
  const user = await findUserById.first(tx, { id })
  if (!user) throw new DriveError('NOT_FOUND', { field: 'userId' })
  const row = changedRow(ctx, user, changes)
  await updateUserRow.run(tx, row)
  await keepAdministrator(tx, ctx, user, row)
  const { passwordHash, capacityBytes } = changes
  if (passwordHash !== undefined) {
    await updatePasswordHash.run(tx, { id, password_hash: passwordHash, updated_at: row.updated_at })
  }
  if (passwordHash !== undefined || row.status !== 0) await endSessionsOf(tx, id)
  if (capacityBytes !== undefined) await setSpaceCapacity(tx, ctx, id, capacityBytes)
  await recordAudit(tx, ctx, { action: 'user.update', subjectId: id, detail: auditDetail(changes) })
}

function changedRow(ctx: Context, user: User, changes: PersonChanges): User {
  const name = changes.name === undefined ? user.name : requirePersonName(changes.name)
  return {
    ...user,
    name,
    name_fold: foldName(name),
    department_id: changes.departmentId ?? user.department_id,
    role: changes.role ?? user.role,
    status: changes.status ?? user.status,
    mobile: changes.mobile === undefined ? user.mobile : keptMobile(changes.mobile),
    email: changes.email ?? user.email,
    updated_at: timestamp(ctx),
  }
}

function isAdministrator(user: User): boolean {
  return user.role === systemAdministrator && user.status === 0
}

async function keepAdministrator(tx: Db, ctx: Context, before: User, after: User): Promise<void> {
  if (!isAdministrator(before) || isAdministrator(after)) return
  const isSelf = ctx.actor.kind === 'user' && ctx.actor.userId === before.id
  const field = after.status === 0 ? 'role' : 'status'
  if (isSelf || !(await findAnyAdministrator.first(tx, {}))) throw new DriveError('NOT_PERMITTED', { field })
}

/** Which fields were set; of mobile and e-mail, which are private, no more than that. */
function auditDetail(changes: PersonChanges): Record<string, unknown> {
  const { passwordHash, mobile, email, ...open } = changes
  return {
    ...open,
    ...(passwordHash !== undefined && { isPasswordNew: true }),
    ...(mobile !== undefined && { isMobileNew: true }),
    ...(email !== undefined && { isEmailNew: true }),
  }
}
