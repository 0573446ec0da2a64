import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, requireUser, timestamp } from '../../context.ts'
import { readCursor, writeCursor } from '../../cursor.ts'
import { containing } from '../../db/like.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError, invalidField } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { foldName, requireName } from '../../names.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { holdUser, selectExistingUsers } from './directory.queries.ts'
import {
  countGroupMembers,
  countGroupMembersByName,
  countGroups,
  deleteGroupMembers,
  findOwnGroup,
  insertGroup,
  insertGroupMembers,
  selectGroupMembers,
  selectGroups,
  touchGroup,
} from './groups.queries.ts'
import { maskMobile } from './mobile.ts'

// common.md 14
const mostGroups = 200
const mostMembers = 200

function requireGroupName(text: string): string {
  const name = requireName(text, 'groupName')
  if (/\p{RGI_Emoji}/v.test(name)) throw invalidField('groupName', 'MALFORMED', 'must not have emoji')
  return name
}

/** Makes a group of the caller (org.md 3). DUPLICATE_NAME among the caller's of that kind, LIMIT_REACHED after 200 of them. */
export async function createGroup(
  ctx: Context,
  input: Input<Endpoints['createGroup']>,
): Promise<Answer<Endpoints['createGroup']>> {
  const { userId } = requireUser(ctx)
  const name = requireGroupName(input.groupName)
  const at = timestamp(ctx)
  const id = newId()
  const row = { id, name, name_fold: foldName(name), owner_id: userId, kind: input.sourceType }
  await ctx.db.transaction().execute(async (tx) => {
    await holdUser.run(tx, { id: userId })
    const added = await insertGroup.run(tx, { ...row, created_at: at, updated_at: at })
    if (added === 0) throw new DriveError('DUPLICATE_NAME', { field: 'groupName' })
    const groups = await countGroups.first(tx, { owner_id: userId, kind: input.sourceType, pattern: '%' })
    if (groups && groups.count > mostGroups) throw new DriveError('LIMIT_REACHED')
    await recordAudit(tx, ctx, {
      action: 'group.create',
      subjectId: id,
      detail: { name, sourceType: input.sourceType },
    })
  })
  return { id }
}

/** The caller's groups of one kind, oldest first, page by page (org.md 3). CURSOR_INVALID. */
export async function listGroups(
  ctx: Context,
  input: Input<Endpoints['listGroups']>,
): Promise<Answer<Endpoints['listGroups']>> {
  const { userId } = requireUser(ctx)
  const { pageSize = 100 } = input
  const keyWord = foldName(input.groupName ?? '')
  const list = `groups:${userId}:${input.sourceType}:${keyWord}`
  const after = readCursor(ctx.keys.cursor, list, input.pageCursor)
  const filter = { owner_id: userId, kind: input.sourceType, pattern: containing(keyWord) }
  const [rows, total] = await Promise.all([
    selectGroups.all(ctx.db, {
      ...filter,
      after_time: String(after?.value ?? ''),
      after_id: after?.id ?? '',
      limit: pageSize + 1,
    }),
    countGroups.first(ctx.db, filter),
  ])
  const page = rows.slice(0, pageSize)
  const last = rows.length > page.length ? page.at(-1) : undefined
  return {
    userGroupList: page.map((row) => ({
      id: row.id,
      groupName: row.name,
      ownerId: row.owner_id,
      createdTime: row.created_at,
      updatedTime: row.updated_at,
    })),
    ...(last && { nextCursor: writeCursor(ctx.keys.cursor, list, { value: last.created_at, id: last.id }) }),
    total: total?.count ?? 0,
  }
}

/** The members of one of the caller's groups, by name (org.md 3). NOT_FOUND alike for no group and for somebody else's. */
export async function listGroupMembers(
  ctx: Context,
  input: Input<Endpoints['listGroupMembers']>,
): Promise<Answer<Endpoints['listGroupMembers']>> {
  const { userId } = requireUser(ctx)
  const { offset = 0, limit = 100 } = input
  const group = await findOwnGroup.first(ctx.db, { id: input.groupId, owner_id: userId })
  if (!group) throw new DriveError('NOT_FOUND', { field: 'groupId' })
  const filter = { group_id: group.id, pattern: containing(foldName(input.keyWord ?? '')) }
  const [rows, total] = await Promise.all([
    selectGroupMembers.all(ctx.db, { ...filter, offset, limit }),
    countGroupMembersByName.first(ctx.db, filter),
  ])
  return {
    total: total?.count ?? 0,
    userGroupMemberInfos: rows.map((row) => ({
      userId: row.id,
      userName: row.name,
      deptId: row.department_id,
      deptName: row.department_name ?? '',
      mobile: maskMobile(row.mobile),
      createdTime: row.created_at,
      updatedTime: row.created_at,
    })),
  }
}

type Members = Pick<Input<Endpoints['addGroupMembers']>, 'amendModRoles' | 'userIds'>

function memberIdsOf(input: Members): string[] {
  const ids = new Set([...(input.amendModRoles ?? []).map(({ userId }) => userId), ...(input.userIds ?? [])])
  if (ids.size === 0) throw invalidField('amendModRoles', 'MISSING', 'is required, with at least one person')
  return [...ids]
}

/** Changes the members of a caller's group; who does not exist is told. */
async function changeMembers(
  ctx: Context,
  input: Members & { groupId: string },
  change: { action: string; run: (tx: Db, groupId: string, json: string) => Promise<void> },
): Promise<Answer<Endpoints['addGroupMembers']>> {
  const { userId } = requireUser(ctx)
  const { groupId } = input
  const ids = memberIdsOf(input)
  return ctx.db.transaction().execute(async (tx) => {
    const touched = await touchGroup.run(tx, { id: groupId, owner_id: userId, updated_at: timestamp(ctx) })
    if (touched === 0) throw new DriveError('NOT_FOUND', { field: 'groupId' })
    const known = new Set((await selectExistingUsers.all(tx, { json: JSON.stringify(ids) })).map(({ id }) => id))
    await change.run(tx, groupId, JSON.stringify([...known]))
    await recordAudit(tx, ctx, { action: change.action, subjectId: groupId, detail: { userIds: [...known] } })
    const failedList = ids.filter((id) => !known.has(id))
    return { status: failedList.length === 0 ? 0 : known.size === 0 ? 2 : 1, failedList }
  })
}

/** Puts people into a group of the caller; who is in it stays (org.md 3). NOT_FOUND, LIMIT_REACHED above 200 members. */
export function addGroupMembers(
  ctx: Context,
  input: Input<Endpoints['addGroupMembers']>,
): Promise<Answer<Endpoints['addGroupMembers']>> {
  return changeMembers(ctx, input, {
    action: 'group.addMembers',
    run: async (tx, groupId, json) => {
      await insertGroupMembers.run(tx, { group_id: groupId, json, created_at: timestamp(ctx) })
      const members = await countGroupMembers.first(tx, { group_id: groupId })
      if (members && members.count > mostMembers) throw new DriveError('LIMIT_REACHED')
    },
  })
}

/** Takes people out of a group of the caller; who is not in it stays out (org.md 3). NOT_FOUND. */
export function removeGroupMembers(
  ctx: Context,
  input: Input<Endpoints['removeGroupMembers']>,
): Promise<Answer<Endpoints['removeGroupMembers']>> {
  return changeMembers(ctx, input, {
    action: 'group.removeMembers',
    run: async (tx, groupId, json) => {
      await deleteGroupMembers.run(tx, { group_id: groupId, json })
    },
  })
}
