import type { Answer, Endpoints, Input } from '@driveway/contract'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { foldName } from '../../names.ts'
import { HashingBusyError, hashPassword } from '../auth/passwords.ts'
import {
  findEnterprise,
  holdEnterprise,
  selectDepartments,
  selectUsersByAccount,
} from '../directory/directory.service.ts'
import { addDepartment } from '../directory/departments.service.ts'
import { DepartmentTree } from './department-tree.ts'
import { failedVerdict, type ImportRow, judgeRows, type Verdict } from './people.judge.ts'
import { newPassword } from './new-password.ts'
import { changePerson, createPerson } from './people.changes.ts'

type Report = Answer<Endpoints['importUsers']>['data']
type Outcome = Report['rows'][number]

// as many as are hashed at once anyway: people who sign in meanwhile wait for one hash at most
const workers = 2

/**
 * Imports people with their departments, row by row: a row with an error changes nothing and does not keep the others from
 * going through. With `preview` nothing is written, and the outcomes are those the import would have.
 */
export async function importUsers(
  ctx: Context,
  input: Input<Endpoints['importUsers']>,
): Promise<Answer<Endpoints['importUsers']>> {
  const tree = await readTree(ctx)
  const verdicts = judgeRows(ctx.actor, input.rows, await readUsers(ctx, input.rows), tree)
  const missing = tree.missing(pathsOf(verdicts))
  if (input.preview) return { data: report(verdicts.map(presentVerdict), missing) }
  const grown = missing.length === 0 ? { tree, made: [] } : await growTree(ctx, verdicts)
  return { data: report(await carryOut(ctx, verdicts, grown.tree), grown.made) }
}

async function readTree(ctx: Pick<Context, 'db'>): Promise<DepartmentTree> {
  const enterprise = await findEnterprise.first(ctx.db, {})
  if (!enterprise) throw new Error('the enterprise is missing')
  return new DepartmentTree(enterprise.root_department_id, await selectDepartments.all(ctx.db, {}))
}

async function readUsers(ctx: Context, rows: ImportRow[]) {
  const accounts = rows.map((row) => foldName(row.account?.trim() ?? ''))
  const users = await selectUsersByAccount.all(ctx.db, { json: JSON.stringify([...new Set(accounts)]) })
  return new Map(users.map((user) => [user.account_fold, user]))
}

function pathsOf(verdicts: Verdict[]): string[][] {
  return verdicts.flatMap((verdict) =>
    (verdict.outcome === 'created' || verdict.outcome === 'updated') && verdict.path ? [verdict.path] : [],
  )
}

/** Makes the departments that are missing; answers the tree as it is then, and the paths of those made. */
async function growTree(ctx: Context, verdicts: Verdict[]): Promise<{ tree: DepartmentTree; made: string[][] }> {
  return ctx.db.transaction().execute(async (tx) => {
    await holdEnterprise.run(tx, {})
    const tree = await readTree({ db: tx })
    const made = tree.missing(pathsOf(verdicts))
    for (const path of made) {
      const parent = tree.find(path.slice(0, -1))
      const name = path.at(-1)
      if (!parent || name === undefined) throw new Error('a department is made after its parent')
      tree.add({
        id: await addDepartment(tx, ctx, { name, parent }),
        parent_id: parent.id,
        name,
        level: parent.level + 1,
      })
    }
    return { tree, made }
  })
}

/** Does what the verdicts say, a transaction per row. */
async function carryOut(ctx: Context, verdicts: Verdict[], tree: DepartmentTree): Promise<Outcome[]> {
  const outcomes = verdicts.map(presentVerdict)
  // of an iterator that is closed by whoever fails: then the others stop as well
  const open = verdicts.entries().filter(([, { outcome }]) => outcome === 'created' || outcome === 'updated')
  const work = async () => {
    for (const [index, verdict] of open) outcomes[index] = await carryOutRow(ctx, verdict, tree)
  }
  await Promise.all(Array.from({ length: workers }, work))
  return outcomes
}

async function carryOutRow(ctx: Context, verdict: Verdict, tree: DepartmentTree): Promise<Outcome> {
  try {
    if (verdict.outcome === 'created') return await createRow(ctx, verdict, tree)
    if (verdict.outcome === 'updated') await updateRow(ctx, verdict, tree)
    return presentVerdict(verdict)
  } catch (error) {
    // what has changed since the row was judged fails this row, not the list
    if (error instanceof DriveError) return presentVerdict(failedVerdict(verdict.row, error))
    throw error
  }
}

async function createRow(
  ctx: Context,
  verdict: Verdict & { outcome: 'created' },
  tree: DepartmentTree,
): Promise<Outcome> {
  const made = verdict.password === undefined ? newPassword() : undefined
  const passwordHash = await hashPatiently(verdict.password ?? made ?? '')
  const person = { ...verdict.person, passwordHash, departmentId: tree.find(verdict.path)?.id ?? '' }
  const id = await ctx.db.transaction().execute((tx) => createPerson(tx, ctx, person))
  return { row: verdict.row, outcome: 'created', id, ...(made !== undefined && { password: made }) }
}

async function updateRow(ctx: Context, verdict: Verdict & { outcome: 'updated' }, tree: DepartmentTree): Promise<void> {
  const { password, path } = verdict
  const changes = {
    ...verdict.changes,
    departmentId: path && (tree.find(path)?.id ?? ''),
    passwordHash: password === undefined ? undefined : await hashPatiently(password),
  }
  await ctx.db.transaction().execute((tx) => changePerson(tx, ctx, verdict.id, changes))
}

/** Hashes when there is room; whoever signs in has the right of way. */
async function hashPatiently(password: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return await hashPassword(password)
    } catch (error) {
      if (!(error instanceof HashingBusyError)) throw error
      await sleep(200)
    }
  }
  throw new DriveError('UNAVAILABLE')
}

function presentVerdict(verdict: Verdict): Outcome {
  const { row, outcome } = verdict
  if (outcome === 'failed') return { row, outcome, field: verdict.field, reason: verdict.reason }
  return outcome === 'created' ? { row, outcome } : { row, outcome, id: verdict.id }
}

function report(rows: Outcome[], made: string[][]): Report {
  const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length
  return {
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    failed: count('failed'),
    departments: made.map((path) => path.join('/')),
    rows,
  }
}
