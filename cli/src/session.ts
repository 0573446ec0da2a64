import { chosenServer, connect, defaultServer, driveOfSession, type ServerOptions, signIn } from './connect.ts'
import { plain, print, tell } from './output.ts'
import { ask, askSecret, canAsk, readPipedSecret } from './prompt.ts'
import { readSession, removeSession, writeSession } from './store.ts'
import { UserError } from './user-error.ts'

/** `driveway login`: signs in and keeps the session. */
export async function login(options: ServerOptions & { account?: string; passwordStdin?: boolean }): Promise<void> {
  const kept = await readSession()
  const server = chosenServer(options) ?? (await askForServer(kept?.server))
  const account = options.account ?? (await askOrRefuse('Account', '--account NAME', kept?.account))
  const password = options.passwordStdin ? await readPipedSecret() : await askForPassword(server)
  const session = await signIn(server, account, password)
  await writeSession(session)
  print(`Signed in to ${server} as ${plain(account)}.`)
}

async function askForServer(kept: string | undefined): Promise<string> {
  const fallback = kept ?? defaultServer()
  if (!canAsk()) return fallback
  return chosenServer({ server: await ask('Server', fallback) }) ?? fallback
}

async function askOrRefuse(question: string, option: string, fallback: string | undefined): Promise<string> {
  if (!canAsk()) throw new UserError(`There is nobody to ask here: give ${option}.`, 2)
  return ask(question, fallback)
}

async function askForPassword(server: string): Promise<string> {
  const { DRIVEWAY_PASSWORD: password } = process.env
  if (password) return password
  if (!canAsk()) throw new UserError('There is nobody to ask here: pipe the password in and give --password-stdin.', 2)
  return askSecret(`Password for ${server}`)
}

/** `driveway logout`: ends the session at the server and forgets it. */
export async function logout(): Promise<void> {
  const session = await readSession()
  if (!session) return print('Nobody was signed in.')
  await removeSession()
  try {
    await driveOfSession(session, { isKept: false }).drive.logoff()
  } catch {
    tell(`${session.server} could not be told; the session ends there by itself.`)
  }
  print(`Signed out of ${session.server}.`)
}

/** `driveway whoami`: who is signed in where. */
export async function whoami(options: ServerOptions & { json?: boolean }): Promise<void> {
  const { server, userId, userName, close } = await connect(options)
  await close()
  if (options.json) print(JSON.stringify({ server, userId, userName }))
  else print(`${plain(userName)} on ${server}`)
}
