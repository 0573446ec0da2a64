import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, timestamp } from '../../context.ts'
import { containing } from '../../db/like.ts'
import type { Db, Schema } from '../../db/schema.ts'
import { DriveError, invalidField } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { foldName, requireName } from '../../names.ts'
import { recordAudit } from '../audit/audit.service.ts'
import {
  ancestorDepartmentIds,
  findChildDepartment,
  findDeepestLevel,
  findDepartment,
  findDepartmentByName,
  findPersonOfDepartment,
  holdDepartment,
  insertDepartment,
  removeDepartment,
  searchDepartments,
  selectChildDepartments,
  selectDepartmentsById,
  shiftLevels,
  updateDepartmentRow,
} from './departments.queries.ts'
import { findEnterprise, holdEnterprise } from './directory.queries.ts'

/** Levels a tree of departments may have, the root counted (common.md 14). */
export const mostLevels = 5

type Department = Schema['departments']
type Enterprise = Schema['enterprise']

async function requireEnterprise(db: Db): Promise<Enterprise> {
  const enterprise = await findEnterprise.first(db, {})
  if (!enterprise) throw new Error('the enterprise is missing')
  return enterprise
}

async function requireDepartment(db: Db, id: string, field: string): Promise<Department> {
  const department = await findDepartment.first(db, { id })
  if (!department) throw new DriveError('NOT_FOUND', { field })
  return department
}

function presentDepartment(department: Department, enterprise: Enterprise): Answer<Endpoints['getDepartment']> {
  return {
    id: department.id,
    orgId: enterprise.id,
    deptId: BigInt(department.id).toString(16).padStart(32, '0'),
    parentId: department.parent_id ?? '',
    name: department.name,
    tenantId: enterprise.id,
  }
}

/** The departments right below one, those a search finds anywhere, or the root alone (org.md 1). NOT_FOUND when there is no such department. */
export async function listDepartments(
  ctx: Context,
  input: Input<Endpoints['listDepartments']>,
): Promise<Answer<Endpoints['listDepartments']>> {
  const enterprise = await requireEnterprise(ctx.db)
  const { departmentId } = input
  if (departmentId === undefined && input.keyWord) return { list: await search(ctx.db, enterprise, input.keyWord) }
  const asked = await requireDepartment(ctx.db, departmentId ?? enterprise.root_department_id, 'departmentId')
  const rows = departmentId === undefined ? [asked] : await selectChildDepartments.all(ctx.db, { parent_id: asked.id })
  const keyWord = foldName(input.keyWord ?? '')
  const matching = rows.filter((row) => row.name_fold.includes(keyWord))
  return { list: matching.map((row) => presentDepartment(row, enterprise)) }
}

const mostFound = 100

type PlacedName = Pick<Department, 'id' | 'parent_id' | 'name'>

async function search(db: Db, enterprise: Enterprise, keyWord: string) {
  const rows = await searchDepartments.all(db, { name: containing(foldName(keyWord)), limit: mostFound })
  const above = await selectAbove(db, rows)
  const pathOf = ({ parent_id }: PlacedName): string[] => {
    const parent = above.get(parent_id ?? '')
    return parent === undefined || parent.parent_id === null ? [] : [...pathOf(parent), parent.name]
  }
  return rows.map((row) => ({ ...presentDepartment(row, enterprise), path: pathOf(row).join('/') }))
}

/** Everything above some departments, by id: as many statements as the tree has levels, at most. */
async function selectAbove(db: Db, rows: PlacedName[]): Promise<Map<string, PlacedName>> {
  const above = new Map<string, PlacedName>()
  for (let below = rows; below.length > 0;) {
    const unknown = below.flatMap(({ parent_id }) => (parent_id === null || above.has(parent_id) ? [] : [parent_id]))
    if (unknown.length === 0) break
    below = await selectDepartmentsById.all(db, { ids: JSON.stringify([...new Set(unknown)]) })
    for (const row of below) above.set(row.id, row)
  }
  return above
}

/** One department (org.md 1). NOT_FOUND. */
export async function getDepartment(
  ctx: Context,
  input: Input<Endpoints['getDepartment']>,
): Promise<Answer<Endpoints['getDepartment']>> {
  const enterprise = await requireEnterprise(ctx.db)
  return presentDepartment(await requireDepartment(ctx.db, input.department_id, 'department_id'), enterprise)
}

/** Makes a department (org.md 1). NOT_FOUND for the parent, TOO_DEEP below level 5, DUPLICATE_NAME beside one of that name. */
export async function createDepartment(
  ctx: Context,
  input: Input<Endpoints['createDepartment']>,
): Promise<Answer<Endpoints['createDepartment']>> {
  const name = requireName(input.name, 'name')
  return ctx.db.transaction().execute(async (tx) => {
    await holdEnterprise.run(tx, {})
    const parent = await requireDepartment(tx, input.parentId, 'parentId')
    return { data: { id: await addDepartment(tx, ctx, { name, parent }) } }
  })
}

/** Adds a department below `parent`, in a transaction that holds the enterprise; answers its id. TOO_DEEP, DUPLICATE_NAME. */
export async function addDepartment(
  tx: Db,
  ctx: Context,
  { name, parent }: { name: string; parent: Pick<Department, 'id' | 'level'> },
): Promise<string> {
  if (parent.level >= mostLevels) throw new DriveError('TOO_DEEP', { field: 'parentId' })
  const id = newId()
  const row = { id, parent_id: parent.id, name, name_fold: foldName(name), level: parent.level + 1 }
  const added = await insertDepartment.run(tx, { ...row, created_at: timestamp(ctx) })
  if (added === 0) throw new DriveError('DUPLICATE_NAME', { field: 'name' })
  await recordAudit(tx, ctx, { action: 'department.create', subjectId: id, detail: { name, parentId: parent.id } })
  return id
}

/**
 * Renames a department, or moves it with everything below (org.md 1). NOT_FOUND, DUPLICATE_NAME, TOO_DEEP when the lowest
 * below it would leave level 5, NESTED_DIRECTORIES into itself. The root has no parent: with an empty `parentId` it is renamed.
 */
export async function updateDepartment(
  ctx: Context,
  input: Input<Endpoints['updateDepartment']>,
): Promise<Answer<Endpoints['updateDepartment']>> {
  const name = requireName(input.name, 'name')
  await ctx.db.transaction().execute(async (tx) => {
    await holdEnterprise.run(tx, {})
    const department = await requireDepartment(tx, input.department_id, 'department_id')
    const parentId = input.parentId || null
    if (parentId === null && department.parent_id !== null) throw invalidField('parentId', 'MISSING', 'is required')
    if (parentId !== null) {
      if (parentId !== department.parent_id) await reparent(tx, department, parentId)
      const namesake = await findDepartmentByName.first(tx, { parent_id: parentId, name_fold: foldName(name) })
      if (namesake && namesake.id !== department.id) throw new DriveError('DUPLICATE_NAME', { field: 'name' })
    }
    const { id } = department
    await updateDepartmentRow.run(tx, { id, parent_id: parentId, name, name_fold: foldName(name) })
    await recordAudit(tx, ctx, { action: 'department.update', subjectId: id, detail: { name, parentId } })
  })
  return {}
}

/** Checks a move and brings the levels of all that moves in line with it. */
async function reparent(tx: Db, department: Department, parentId: string): Promise<void> {
  const parent = await requireDepartment(tx, parentId, 'parentId')
  if ((await ancestorDepartmentIds(tx, parentId)).includes(department.id)) {
    throw new DriveError('NESTED_DIRECTORIES', { field: 'parentId' })
  }
  const delta = parent.level + 1 - department.level
  const deepest = (await findDeepestLevel.first(tx, { id: department.id }))?.level ?? department.level
  if (deepest + delta > mostLevels) throw new DriveError('TOO_DEEP', { field: 'parentId' })
  if (delta !== 0) await shiftLevels.run(tx, { id: department.id, delta })
}

/** Removes an empty department (org.md 1). NOT_FOUND, DEPARTMENT_NOT_EMPTY, NOT_PERMITTED for the root. */
export async function deleteDepartment(
  ctx: Context,
  input: Input<Endpoints['deleteDepartment']>,
): Promise<Answer<Endpoints['deleteDepartment']>> {
  const id = input.department_id
  await ctx.db.transaction().execute(async (tx) => {
    await holdEnterprise.run(tx, {})
    // nobody can be put into it from here on; who was put into it before is seen
    await holdDepartment.run(tx, { id })
    const department = await requireDepartment(tx, id, 'department_id')
    if (department.parent_id === null) throw new DriveError('NOT_PERMITTED')
    const isUsed =
      (await findChildDepartment.first(tx, { parent_id: id })) ??
      (await findPersonOfDepartment.first(tx, { department_id: id }))
    if (isUsed) throw new DriveError('DEPARTMENT_NOT_EMPTY')
    await removeDepartment.run(tx, { id })
    await recordAudit(tx, ctx, { action: 'department.delete', subjectId: id, detail: { name: department.name } })
  })
  return {}
}
