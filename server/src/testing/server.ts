import { createDrive, type Drive } from '@driveway/sdk'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { readConfig } from '../config.ts'
import type { Engine } from '../db/schema.ts'
import { type Running, start } from '../main.ts'
import { testPostgres } from './postgres.ts'

/** A real server for one test file: its own data, a free port, signed in as its administrator. */
export interface TestServer {
  url: string
  running: Running
  /** The administrator's client. */
  admin: Drive
  adminId: string
  /** Personal space of the administrator. */
  adminSpace: string
  dataFolder: string
  /** Moves the server's clock; everything that ends by time can be tested without waiting. */
  advance(milliseconds: number): void
  /** A client without a credential. */
  anonymous: Drive
  /** Makes a person and signs in. */
  person(account: string, more?: { deptId?: string; name?: string; role?: number }): Promise<TestPerson>
  close(): Promise<void>
}

export interface TestPerson {
  id: string
  account: string
  drive: Drive
  space: string
  token: string
}

/** The engines the tests run on: all of `DRIVEWAY_TEST_ENGINES`, both when it is not set. */
export function testEngines(): Engine[] {
  return (process.env.DRIVEWAY_TEST_ENGINES ?? 'sqlite,postgres').split(',').filter((name) => name !== '') as Engine[]
}

export const testPassword = 'analytical engine 1843'

/** Starts a server on an engine. `env` adds or changes settings. */
export async function startTestServer(
  options: { engine?: Engine; env?: Record<string, string> } = {},
): Promise<TestServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'driveway-test-'))
  const postgres = options.engine === 'postgres' ? await testPostgres() : undefined
  const databaseUrl = await postgres?.createDatabase()
  const config = readConfig({
    DRIVEWAY_DATA: dataFolder,
    DRIVEWAY_PORT: '0',
    DRIVEWAY_ADMIN_PASSWORD: testPassword,
    DRIVEWAY_LOG_LEVEL: 'error',
    ...(databaseUrl === undefined ? {} : { DRIVEWAY_DATABASE_URL: databaseUrl }),
    ...options.env,
  })
  let offset = 0
  const now = () => new Date(Date.now() + offset)
  const running = await start(config, { now, log: pino({ level: config.logLevel }, pino.destination(2)) })
  const { url } = running
  const signIn = (account: string) => signedIn(url, account)
  const admin = await signIn('admin')
  return {
    url,
    running,
    dataFolder,
    admin: admin.drive,
    adminId: admin.id,
    adminSpace: admin.space,
    anonymous: createDrive({ baseUrl: url }),
    advance: (milliseconds) => {
      offset += milliseconds
    },
    person: async (account, more = {}) => {
      await admin.drive.createUser({ account, name: more.name ?? account, password: testPassword, ...more })
      return signIn(account)
    },
    close: async () => {
      await running.close()
      if (postgres && databaseUrl !== undefined) {
        await postgres.dropDatabase(databaseUrl)
        await postgres.stop()
      }
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

async function signedIn(url: string, account: string): Promise<TestPerson> {
  const anonymous = createDrive({ baseUrl: url })
  const { data } = await anonymous.login({ account, authType: '1', password: testPassword })
  const token = data.sessionInfo.accessToken
  const drive = createDrive({ baseUrl: url, token })
  const space = await drive.getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return { id: data.userInfo.userId, account, drive, space: space.data.containerId, token }
}
