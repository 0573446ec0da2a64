import { randomInt } from 'node:crypto'
import { type Drive, pages } from '@driveway/sdk'
import { connect, type ServerOptions } from './connect.ts'
import { findDepartment } from './departments.ts'
import { plain, print, printJson, printTable } from './output.ts'
import { readPipedSecret } from './prompt.ts'
import { UserError } from './user-error.ts'

type Person = Awaited<ReturnType<Drive['listUsers']>>['users'][number]

const roleNames = ['department-admin', 'member', 'admin']

interface PersonOptions extends ServerOptions {
  name?: string
  dept?: string
  role?: string
  mobile?: string
  email?: string
  passwordStdin?: boolean
  json?: boolean
}

/** `driveway user add`: a person with a personal space; without a piped password one is made and shown. */
export async function addUser(account: string, options: PersonOptions): Promise<void> {
  const role = options.role === undefined ? undefined : roleNames.indexOf(options.role)
  if (role === -1) throw new UserError(`A role is one of ${roleNames.join(', ')}.`, 2)
  const password = options.passwordStdin ? await readPipedSecret() : makePassword()
  const { drive, close } = await connect(options)
  const { data } = await drive.createUser({
    account,
    name: options.name ?? account,
    password,
    ...(options.dept ? { deptId: (await findDepartment(drive, options.dept)).id } : {}),
    ...(role === undefined ? {} : { role }),
    ...(options.mobile ? { mobile: options.mobile } : {}),
    ...(options.email ? { email: options.email } : {}),
  })
  await close()
  const made = options.passwordStdin ? {} : { password }
  if (options.json) return printJson({ id: data.id, account, ...made })
  print(`${plain(account)} was added.`)
  if (made.password) print(`Password  ${password}  (shown this once)`)
}

/** `driveway user list`: all people, or those that match. */
export async function listUsers(
  keyWord: string | undefined,
  options: ServerOptions & { json?: boolean },
): Promise<void> {
  const { drive, close } = await connect(options)
  const people = await Array.fromAsync(findPeople(drive, keyWord))
  await close()
  if (options.json) return printJson(people)
  printTable(
    ['ACCOUNT', 'NAME', 'ROLE', 'STATUS', 'DEPARTMENT'],
    people.map(({ account, name, role, status, deptName }) => [
      account,
      name,
      roleNames[role] ?? String(role),
      status === 0 ? 'enabled' : 'disabled',
      deptName,
    ]),
  )
}

/** `driveway user disable` and `enable`. */
export async function setEnabled(accounts: string[], isEnabled: boolean, options: ServerOptions): Promise<void> {
  const { drive, close } = await connect(options)
  for (const account of accounts) {
    const { id } = await requirePerson(drive, account)
    await drive.updateUser({ userId: id, status: isEnabled ? 0 : 1 })
    print(`${plain(account)} is ${isEnabled ? 'enabled' : 'disabled, and signed out everywhere'}.`)
  }
  await close()
}

/** `driveway user move`: to another department. */
export async function moveUser(account: string, department: string, options: ServerOptions): Promise<void> {
  const { drive, close } = await connect(options)
  const { id } = await requirePerson(drive, account)
  const target = await findDepartment(drive, department)
  await drive.updateUser({ userId: id, deptId: target.id })
  await close()
  print(`${plain(account)} is in ${plain(target.name)} now.`)
}

/** `driveway user reset`: a new password, piped in or made here and shown once. */
export async function resetPassword(
  account: string,
  options: ServerOptions & { passwordStdin?: boolean; json?: boolean },
): Promise<void> {
  const password = options.passwordStdin ? await readPipedSecret() : makePassword()
  const { drive, close } = await connect(options)
  const { id } = await requirePerson(drive, account)
  await drive.updateUser({ userId: id, password })
  await close()
  const made = options.passwordStdin ? {} : { password }
  if (options.json) return printJson({ id, account, ...made })
  print(`${plain(account)} has a new password and is signed out everywhere.`)
  if (made.password) print(`Password  ${password}  (shown this once)`)
}

async function* findPeople(drive: Drive, keyWord: string | undefined): AsyncGenerator<Person> {
  const page = (pageCursor: string | undefined) =>
    drive.listUsers({ pageSize: 100, ...(keyWord ? { keyWord } : {}), ...(pageCursor ? { pageCursor } : {}) })
  for await (const { users } of pages(page)) yield* users
}

async function requirePerson(drive: Drive, account: string): Promise<Person> {
  for await (const person of findPeople(drive, account)) {
    if (person.account.toLowerCase() === account.toLowerCase()) return person
  }
  throw new UserError(`There is no account "${account}". See: driveway user list`)
}

// Without the characters people mix up.
const clear = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Random letters and digits, easy to read aloud. */
export function randomText(length: number): string {
  return Array.from({ length }, () => clear[randomInt(clear.length)]).join('')
}

function makePassword(): string {
  return randomText(16)
}
