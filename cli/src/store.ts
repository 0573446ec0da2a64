import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Who is signed in where. */
export interface Session {
  server: string
  account: string
  token: string
  refreshToken: string
}

function folder(variable: string, ...usual: string[]): string {
  return join(process.env[variable] || join(homedir(), ...usual), 'driveway')
}

/** Where unfinished uploads are noted. */
export function stateFolder(): string {
  return folder('XDG_STATE_HOME', '.local', 'state')
}

function sessionPath(): string {
  return join(folder('XDG_CONFIG_HOME', '.config'), 'session.json')
}

/** The kept session, if there is one that can be read. */
export async function readSession(): Promise<Session | undefined> {
  const session = (await readJson(sessionPath())) as Partial<Session> | undefined
  const { server, account, token, refreshToken } = session ?? {}
  if (!server || !token || !refreshToken) return undefined
  return { server, account: account ?? '', token, refreshToken }
}

/** Keeps the session for later calls; only the owner can read it. */
export async function writeSession(session: Session): Promise<void> {
  await writePrivately(sessionPath(), session)
}

/** Forgets the session. */
export async function removeSession(): Promise<void> {
  await rm(sessionPath(), { force: true })
}

/** The JSON of a file, or undefined when it is missing or damaged. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Writes JSON that only the owner can read, in one step, so that a reader never sees half of it. */
export async function writePrivately(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, JSON.stringify(value), { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
