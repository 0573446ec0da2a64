import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'

/** Everything that can be set from outside. Sizes are bytes unless the name says otherwise. */
export interface Config {
  host: string
  port: number
  /** Address people reach us at, without a slash at the end; empty until the port is known. */
  publicUrl: string
  dataFolder: string
  databaseUrl: string
  databaseConnections: number
  blobUrl: string
  s3AccessKeyId: string
  s3SecretAccessKey: string
  adminPassword: string
  secretKey: string
  enterpriseName: string
  spaceGigabytes: number
  binDays: number
  isExternalSharingOn: boolean
  trustedProxies: string
  accelPrefix: string
  logLevel: string
}

interface Setting {
  name: string
  default: string
  description: string
  secret?: boolean
  /** Why a value is refused, or undefined. */
  check?: (value: string) => string | undefined
}

const wholeNumber = (minimum: number, maximum: number) => (value: string) =>
  /^\d{1,12}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum
    ? undefined
    : `must be a whole number from ${minimum} to ${maximum}`
const address = (schemes: string[]) => (value: string) => {
  if (value === '') return undefined
  return URL.canParse(value) && schemes.includes(new URL(value).protocol)
    ? undefined
    : `must be an address beginning with ${schemes.join(' or ')}`
}
const oneOf = (values: string[]) => (value: string) =>
  values.includes(value) ? undefined : `must be one of ${values.join(', ')}`

const settings = {
  DRIVEWAY_HOST: { default: '127.0.0.1', description: 'Address to listen on.' },
  DRIVEWAY_PORT: {
    default: '8080',
    description: 'Port to listen on; 0 takes a free one.',
    check: wholeNumber(0, 65_535),
  },
  DRIVEWAY_PUBLIC_URL: {
    default: '',
    description: 'Address people reach the drive at, used in links. Default: http://, host and port.',
    check: address(['http:', 'https:']),
  },
  DRIVEWAY_DATA: { default: './data', description: 'Folder for everything the drive keeps on this machine.' },
  DRIVEWAY_DATABASE_URL: {
    default: '',
    description: 'postgres://… for PostgreSQL 15 or later. Default: SQLite in the data folder.',
    secret: true,
    check: address(['postgres:', 'postgresql:', 'sqlite:']),
  },
  DRIVEWAY_DATABASE_CONNECTIONS: {
    default: '10',
    description: 'Connections to PostgreSQL this process may hold.',
    check: wholeNumber(2, 200),
  },
  DRIVEWAY_BLOB_URL: {
    default: '',
    description:
      's3://bucket/prefix?endpoint=https://…&region=… for object storage, file:… for another folder. Default: the data folder.',
    secret: true,
    check: address(['s3:', 'file:']),
  },
  DRIVEWAY_S3_ACCESS_KEY_ID: {
    default: '',
    description: 'Access key for object storage. Default: the AWS environment.',
  },
  DRIVEWAY_S3_SECRET_ACCESS_KEY: { default: '', description: 'Secret key for object storage.', secret: true },
  DRIVEWAY_ADMIN_PASSWORD: {
    default: '',
    description:
      'Password of `admin` at the very first start, at least 8 characters. Default: one is made and printed once.',
    secret: true,
    check: (value) => (value === '' || value.length >= 8 ? undefined : 'must have at least 8 characters'),
  },
  DRIVEWAY_SECRET_KEY: {
    default: '',
    description:
      'Seals access codes and signs addresses; at least 32 characters, the same in every process. Default: made once and kept in the data folder.',
    secret: true,
    check: (value) => (value === '' || value.length >= 32 ? undefined : 'must have at least 32 characters'),
  },
  DRIVEWAY_ENTERPRISE_NAME: {
    default: 'Driveway',
    description: 'Name of the enterprise, taken at the very first start.',
  },
  DRIVEWAY_SPACE_GB: {
    default: '20',
    description: 'Size of a new personal space in GB.',
    check: wholeNumber(1, 104_857_600),
  },
  DRIVEWAY_BIN_DAYS: {
    default: '30',
    description: 'Days an item stays in the recycle bin.',
    check: wholeNumber(1, 3650),
  },
  DRIVEWAY_EXTERNAL_SHARING: {
    default: 'on',
    description: 'Whether links may be opened by people outside the enterprise (scope 1).',
    check: oneOf(['on', 'off']),
  },
  DRIVEWAY_TRUSTED_PROXIES: {
    default: '',
    description: 'Addresses or networks, with commas between, whose X-Forwarded-For is believed. Default: none.',
  },
  DRIVEWAY_ACCEL_PREFIX: {
    default: '',
    description:
      'Internal nginx location that serves the blob folder; downloads are then handed over by X-Accel-Redirect.',
    check: (value) => (value === '' || value.startsWith('/') ? undefined : 'must begin with /'),
  },
  DRIVEWAY_LOG_LEVEL: {
    default: 'info',
    description: 'How much is logged; debug adds every read.',
    check: oneOf(['debug', 'info', 'warn', 'error', 'silent']),
  },
} satisfies Record<string, Omit<Setting, 'name'>>

// what the command line reads, so that one environment can serve both
const clientNames = ['DRIVEWAY_SERVER', 'DRIVEWAY_TOKEN', 'DRIVEWAY_ACCOUNT', 'DRIVEWAY_PASSWORD', 'DRIVEWAY_DEBUG']

type Name = keyof typeof settings

/** The settings as data, for the documentation page. */
export function describeSettings(): { name: string; default: string; description: string; secret: boolean }[] {
  return Object.entries(settings).map(([name, setting]: [string, Omit<Setting, 'name'>]) => ({
    name,
    default: setting.default,
    description: setting.description,
    secret: setting.secret ?? false,
  }))
}

/** Settings that are wrong, one line each. */
export class ConfigError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(`The settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Reads the settings from an environment and makes the secret key when there is none. Throws ConfigError with all problems at once. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = []
  const values = readValues(env, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  const dataFolder = resolve(values.DRIVEWAY_DATA)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  return {
    host: values.DRIVEWAY_HOST,
    port: Number(values.DRIVEWAY_PORT),
    publicUrl: values.DRIVEWAY_PUBLIC_URL.replace(/\/+$/, ''),
    dataFolder,
    databaseUrl: values.DRIVEWAY_DATABASE_URL || `sqlite:${join(dataFolder, 'driveway.db')}`,
    databaseConnections: Number(values.DRIVEWAY_DATABASE_CONNECTIONS),
    blobUrl: values.DRIVEWAY_BLOB_URL || `file:${join(dataFolder, 'blobs')}`,
    s3AccessKeyId: values.DRIVEWAY_S3_ACCESS_KEY_ID,
    s3SecretAccessKey: values.DRIVEWAY_S3_SECRET_ACCESS_KEY,
    adminPassword: values.DRIVEWAY_ADMIN_PASSWORD,
    secretKey: values.DRIVEWAY_SECRET_KEY || keptSecret(dataFolder),
    enterpriseName: values.DRIVEWAY_ENTERPRISE_NAME,
    spaceGigabytes: Number(values.DRIVEWAY_SPACE_GB),
    binDays: Number(values.DRIVEWAY_BIN_DAYS),
    isExternalSharingOn: values.DRIVEWAY_EXTERNAL_SHARING === 'on',
    trustedProxies: values.DRIVEWAY_TRUSTED_PROXIES,
    accelPrefix: values.DRIVEWAY_ACCEL_PREFIX.replace(/\/+$/, ''),
    logLevel: values.DRIVEWAY_LOG_LEVEL,
  }
}

function readValues(env: Record<string, string | undefined>, problems: string[]): Record<Name, string> {
  const known = new Set([...clientNames, ...Object.keys(settings).flatMap((name) => [name, `${name}_FILE`])])
  for (const name of Object.keys(env)) {
    // test runs have their own namespace
    if (name.startsWith('DRIVEWAY_') && !name.startsWith('DRIVEWAY_TEST_') && !known.has(name))
      problems.push(`${name} is no setting`)
  }
  const entries = Object.entries(settings).map(([name, setting]: [string, Omit<Setting, 'name'>]) => {
    const value = readValue(env, name, problems) ?? setting.default
    const problem = setting.check?.(value)
    if (problem) problems.push(`${name} ${problem}`)
    return [name, value]
  })
  return Object.fromEntries(entries) as Record<Name, string>
}

function readValue(env: Record<string, string | undefined>, name: string, problems: string[]): string | undefined {
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return env[name] === '' ? undefined : env[name]
  if (env[name]) problems.push(`${name} and ${name}_FILE are both set`)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    problems.push(`${name}_FILE cannot be read`)
    return undefined
  }
}

/** The secret key of the data folder, made there when it is missing: whole and safe from a crash before anybody uses it. */
function keptSecret(dataFolder: string): string {
  const file = join(dataFolder, 'secret.key')
  if (!existsSync(file)) makeSecret(dataFolder, file)
  const secret = readFileSync(file, 'utf8').trim()
  if (secret.length < 32) throw new ConfigError([`${file} is damaged: put back the one of your backup`])
  return secret
}

function makeSecret(dataFolder: string, file: string): void {
  const made = join(dataFolder, `secret.${randomBytes(8).toString('hex')}.new`)
  writeFileSync(made, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(made, file)
  } catch (error) {
    // another process was first, and its key counts
    if (!existsSync(file)) throw error
  }
  unlinkSync(made)
  const folder = openSync(dataFolder, 'r')
  fsyncSync(folder)
  closeSync(folder)
}
