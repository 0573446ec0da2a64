import { createDrive, type Drive, DriveError } from '@driveway/sdk'
import { tell } from './output.ts'
import { ask, askSecret, canAsk } from './prompt.ts'
import { readSession, type Session, writeSession } from './store.ts'
import { UserError } from './user-error.ts'

/** A drive somebody is signed in to. */
export interface Connection {
  drive: Drive
  server: string
  userId: string
  userName: string
  /** Ends the session when it was made for this run only. */
  close: () => Promise<void>
}

/** What the command line says about the server. */
export interface ServerOptions {
  server?: string | undefined
}

/**
 * Signs in by DRIVEWAY_TOKEN, by DRIVEWAY_ACCOUNT and DRIVEWAY_PASSWORD, by the kept session, or by asking. A kept session is
 * only ever used with the server it belongs to.
 */
export async function connect(options: ServerOptions): Promise<Connection> {
  const kept = await readSession()
  const server = chosenServer(options) ?? kept?.server ?? defaultServer()
  return (await connectByEnvironment(server)) ?? connectByHand(server, kept)
}

/**
 * Signs in to a server that a link names: anybody can write a link, so credentials of the environment are used only when
 * DRIVEWAY_SERVER names the same server.
 */
export async function connectToLink(server: string): Promise<Connection> {
  const isOurs = chosenServer({}) === server
  return (isOurs ? await connectByEnvironment(server) : undefined) ?? connectByHand(server, await readSession())
}

async function connectByEnvironment(server: string): Promise<Connection | undefined> {
  const { DRIVEWAY_TOKEN: token, DRIVEWAY_ACCOUNT: account, DRIVEWAY_PASSWORD: password } = process.env
  if (token) return open(server, createDrive({ baseUrl: server, token }))
  return account && password ? connectForThisRun(server, account, password) : undefined
}

async function connectByHand(server: string, kept: Session | undefined): Promise<Connection> {
  const own = kept?.server === server ? kept : undefined
  const connection = own && (await openKept(own))
  if (connection) return connection
  if (!canAsk()) {
    throw new UserError(
      `Nobody is signed in to ${server}. Run "driveway login --server ${server}", or set DRIVEWAY_SERVER with DRIVEWAY_TOKEN or DRIVEWAY_ACCOUNT and DRIVEWAY_PASSWORD.`,
    )
  }
  const session = await signInByAsking(server, own?.account)
  return open(server, driveOfSession(session, { isKept: true }).drive)
}

/** Undefined when the session has ended and there is somebody to ask for a new one. */
async function openKept(session: Session): Promise<Connection | undefined> {
  try {
    return await open(session.server, driveOfSession(session, { isKept: true }).drive)
  } catch (error) {
    if (error instanceof DriveError && error.reason === 'TOKEN_INVALID' && canAsk()) return undefined
    throw error
  }
}

/** The server the command line or the environment names. */
export function chosenServer(options: ServerOptions): string | undefined {
  const named = options.server ?? (process.env['DRIVEWAY_SERVER'] || undefined)
  return named === undefined ? undefined : normalizeServer(named)
}

/** The server of this machine. */
export function defaultServer(): string {
  return `http://127.0.0.1:${process.env['DRIVEWAY_PORT'] || '8080'}`
}

/** An address as it is kept and compared: a scheme, no slash at the end. */
export function normalizeServer(address: string): string {
  const isLocal = /^(localhost|127\.|\[::1\])/.test(address)
  const withScheme = /^https?:\/\//i.test(address) ? address : `${isLocal ? 'http' : 'https'}://${address}`
  if (!URL.canParse(withScheme)) {
    throw new UserError(`"${address}" is no server address; one looks like https://drive.example.com.`, 2)
  }
  const { origin, pathname } = new URL(withScheme)
  return origin + pathname.replace(/\/+$/, '')
}

async function open(server: string, drive: Drive, close = () => Promise.resolve()): Promise<Connection> {
  const { data } = await drive.checkSession()
  return { drive, server, userId: data.userId, userName: data.userName, close }
}

async function connectForThisRun(server: string, account: string, password: string): Promise<Connection> {
  const session = await signIn(server, account, password)
  const { drive } = driveOfSession(session, { isKept: false })
  return open(server, drive, async () => {
    // It ends by itself soon; a failure here must not spoil a finished run.
    await drive.logoff().catch(() => undefined)
  })
}

/** Signs in and gives the session; nothing is kept. */
export async function signIn(server: string, account: string, password: string): Promise<Session> {
  warnOfPlainHttp(server)
  const { data } = await createDrive({ baseUrl: server }).login({ account, authType: '1', password })
  const { accessToken, refreshToken } = data.sessionInfo
  return { server, account, token: accessToken, refreshToken }
}

async function signInByAsking(server: string, knownAccount: string | undefined): Promise<Session> {
  tell(`Sign in to ${server}`)
  const account = await ask('Account', knownAccount)
  const session = await signIn(server, account, await askSecret('Password'))
  await writeSession(session)
  return session
}

function warnOfPlainHttp(server: string): void {
  const { protocol, hostname } = new URL(server)
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  if (protocol === 'http:' && !isLocal)
    tell(`Warning: ${server} is not encrypted; your password can be read on the way.`)
}

/** A drive that renews its session by the refresh token; a kept session is updated on disk. */
export function driveOfSession(start: Session, { isKept }: { isKept: boolean }): { drive: Drive } {
  let session = start
  let renewing: Promise<boolean> | undefined
  const takeOverKept = async () => {
    const kept = isKept ? await readSession() : undefined
    // Another run of this program may have renewed it: each refresh token works once.
    if (!kept || kept.server !== session.server || kept.token === session.token) return false
    session = kept
    return true
  }
  const renewSession = async () => {
    if (await takeOverKept()) return true
    try {
      const plainDrive = createDrive({ baseUrl: session.server })
      const { data } = await plainDrive.refreshToken({ refreshToken: session.refreshToken })
      const { accessToken, refreshToken } = data.sessionInfo
      session = { ...session, token: accessToken, refreshToken }
      if (isKept) await writeSession(session)
      return true
    } catch (error) {
      if (error instanceof DriveError && error.status === 401) return takeOverKept()
      throw error
    }
  }
  const renew = () => {
    renewing ??= renewSession().finally(() => (renewing = undefined))
    return renewing
  }
  return { drive: createDrive({ baseUrl: session.server, token: () => session.token, renew }) }
}
