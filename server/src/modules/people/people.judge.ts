import { compileReader, type Endpoints, endpoints, type Input, type Issue } from '@driveway/contract'
import type { Actor } from '../../context.ts'
import type { Schema } from '../../db/schema.ts'
import { DriveError, invalidField, invalidInput } from '../../errors.ts'
import { foldName, requireName } from '../../names.ts'
import { mostLevels } from '../directory/departments.service.ts'
import { keptMobile } from '../directory/directory.service.ts'
import type { DepartmentTree } from './department-tree.ts'
import { type NewPerson, type PersonChanges, requirePersonName, systemAdministrator } from './people.changes.ts'

/** One line of the list, as it was sent. */
export type ImportRow = Input<Endpoints['importUsers']>['rows'][number]

type User = Schema['users']
type Person = Omit<NewPerson, 'passwordHash' | 'departmentId'>
type Changes = Pick<PersonChanges, 'name' | 'role' | 'mobile' | 'email'>

/** What is to be done about a row, numbered from 1. Paths are names of departments below the root. */
export type Verdict = { row: number } & (
  | { outcome: 'failed'; field: string; reason: string }
  | { outcome: 'unchanged'; id: string }
  | {
      outcome: 'created'
      person: Person
      path: string[]
      password: string | undefined
    }
  | { outcome: 'updated'; id: string; changes: Changes; path: string[] | undefined; password: string | undefined }
)

interface Known {
  actor: Actor
  /** By folded account. */
  users: Map<string, User>
  tree: DepartmentTree
}

/** Judges each row by the rules of `createUser`, and by the rows before it; writes nothing. */
export function judgeRows(actor: Actor, rows: ImportRow[], users: Map<string, User>, tree: DepartmentTree): Verdict[] {
  const seen = new Set<string>()
  return rows.map((sent, index) => {
    try {
      const cells = readCells(sent)
      const account = foldName(cells.account ?? '')
      if (account !== '' && seen.has(account)) throw invalidField('account', 'DUPLICATE', 'is in an earlier row')
      seen.add(account)
      return { row: index + 1, ...judgeRow(cells, { actor, users, tree }) }
    } catch (error) {
      if (error instanceof DriveError) return failedVerdict(index + 1, error)
      throw error
    }
  })
}

/** The verdict on a row that broke a rule. */
export function failedVerdict(row: number, error: DriveError): Verdict {
  const [detail] = error.details
  return { row, outcome: 'failed', field: detail?.field ?? '', reason: detail?.description ?? error.message }
}

/** Cells without blanks around them; empty ones are absent. */
function readCells(row: ImportRow): ImportRow {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, cell]) => {
      const text = name === 'password' ? cell : cell?.trim()
      return text ? [[name, text]] : []
    }),
  )
}

const readBody = compileReader(endpoints.createUser.body as NonNullable<typeof endpoints.createUser.body>)
// stands for the password that is made or stays
const anyPassword = 'not a password'

function readPerson(cells: ImportRow, user: User | undefined): Person {
  const role = cells.role === undefined ? (user?.role ?? 1) : readRole(cells.role)
  const issues: Issue[] = []
  const body = { ...cells, name: cells.name ?? user?.name, password: cells.password ?? anyPassword, role }
  const read = readBody(body, '', issues, 'body') as Input<Endpoints['createUser']>
  if (issues.length > 0) throw invalidInput(issues)
  const { account, mobile = '', email = '' } = read
  return { account, name: requirePersonName(read.name), role, mobile, email }
}

const roles = ['department-admin', 'user', 'admin']

function readRole(text: string): number {
  const role = /^[012]$/.test(text) ? Number(text) : roles.indexOf(text.toLowerCase())
  if (role < 0) throw invalidField('role', 'NOT_ALLOWED', `must be one of ${roles.join(', ')}, 0, 1, 2`)
  return role
}

function readPath(text: string): string[] {
  const path = text.split('/').flatMap((name) => name.trim() || [])
  if (path.length >= mostLevels) {
    throw invalidField('department', 'TOO_MANY', `must have at most ${mostLevels - 1} levels below the root`)
  }
  return path.map((name) => {
    const kept = requireName(name, 'department')
    if (!/^.{1,20}$/u.test(kept))
      throw invalidField('department', 'TOO_LONG', 'must have names of at most 20 characters')
    return kept
  })
}

type Judgement = Verdict extends infer V ? (V extends { row: number } ? Omit<V, 'row'> : never) : never

function judgeRow(cells: ImportRow, { actor, users, tree }: Known): Judgement {
  const user = users.get(foldName(cells.account ?? ''))
  const person = readPerson(cells, user)
  const path = cells.department === undefined ? undefined : readPath(cells.department)
  if (!user) return { outcome: 'created', person, path: path ?? [], password: cells.password }
  const changes = changesOf(user, person, cells)
  const isSelf = actor.kind === 'user' && actor.userId === user.id
  if (isSelf && user.role === systemAdministrator && changes.role !== undefined) {
    throw new DriveError('NOT_PERMITTED', { field: 'role' })
  }
  const isMoved = path !== undefined && tree.find(path)?.id !== user.department_id
  if (Object.keys(changes).length === 0 && !isMoved && cells.password === undefined) {
    return { outcome: 'unchanged', id: user.id }
  }
  return { outcome: 'updated', id: user.id, changes, path: isMoved ? path : undefined, password: cells.password }
}

function changesOf(user: User, wanted: Person, cells: ImportRow): Changes {
  const kept = { ...wanted, mobile: keptMobile(wanted.mobile) }
  const names = (['name', 'role', 'mobile', 'email'] as const).filter((name) => cells[name] !== undefined)
  return Object.fromEntries(names.flatMap((name) => (kept[name] === user[name] ? [] : [[name, kept[name]]])))
}
