import type { FastifyInstance } from 'fastify'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { createApp } from './app.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import { openDiskBlobs } from './blobs/disk.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import type { Parts } from './context.ts'
import { openDatabase } from './db/open.ts'
import { DatabaseInUseError } from './db/sqlite.ts'
import { forgetOldKeys } from './modules/access/idempotency.ts'
import { authSweeps } from './modules/auth/auth.sweeps.ts'
import { startJobs } from './modules/jobs/jobs.runner.ts'
import { startHousekeeping } from './modules/jobs/housekeeping.ts'
import { jobKinds } from './modules/jobs/jobs.kinds.ts'
import { ensureFirstStart } from './modules/people/first-start.ts'
import { messageJobKinds } from './modules/messages/messages.deliver.ts'
import { flushShareCounts } from './modules/shares/shares.counts.ts'
import { transferSweeps } from './modules/transfers/transfers.sweeps.ts'
import { deriveKeys } from './secrets.ts'

/** A running server. */
export interface Running {
  url: string
  parts: Parts
  app: FastifyInstance
  /** The password of `admin` when this start made one. */
  firstPassword: string | undefined
  /** Lets requests in flight end, then stops everything. */
  close(): Promise<void>
}

async function openBlobs(config: Config): Promise<BlobStore> {
  if (!config.blobUrl.startsWith('s3:')) return openDiskBlobs(fileURLToPath(new URL(config.blobUrl)))
  const { openS3Blobs, parseS3Url } = await import('./blobs/s3.ts')
  return openS3Blobs({
    ...parseS3Url(config.blobUrl),
    ...(config.s3AccessKeyId ? { accessKeyId: config.s3AccessKeyId, secretAccessKey: config.s3SecretAccessKey } : {}),
  })
}

/** Why a server could not start, in one line that says what to do. */
export class StartError extends Error {}

/**
 * Starts a server from its settings: database, blobs, first people, jobs, HTTP. When that fails, all that was opened is closed.
 * Throws StartError for what the settings can put right, DatabaseInUseError.
 */
export async function start(config: Config, overrides: Partial<Pick<Parts, 'now' | 'log'>> = {}): Promise<Running> {
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(config.databaseUrl, config.databaseConnections).catch(refuseDatabase)
  opened.defer(() => db.destroy())
  const blobs = await openBlobs(config)
  opened.defer(() => blobs.close())
  const parts: Parts = {
    config,
    log: overrides.log ?? pino({ level: config.logLevel }, pino.destination({ dest: 1, sync: false })),
    now: overrides.now ?? (() => new Date()),
    keys: deriveKeys(config.secretKey),
    db,
    blobs,
  }
  const made = await ensureFirstStart(parts)
  const background: { stop(): Promise<void> }[] = []
  opened.defer(async () => void (await Promise.all(background.map((work) => work.stop()))))
  opened.defer(() => flushShareCounts(parts))
  const app = await createApp(parts)
  opened.defer(() => app.close())
  const { host, port } = config
  const url = await app.listen({ host, port }).catch((error: unknown) => refuseAddress(config, error))
  if (config.publicUrl === '') config.publicUrl = url.replace('0.0.0.0', 'localhost').replace('[::]', 'localhost')
  background.push(startJobs(parts, [...jobKinds, ...messageJobKinds]))
  background.push(startHousekeeping(parts, [...authSweeps, forgetOldKeys, ...transferSweeps]))
  const running = opened.move()
  return { url, parts, app, firstPassword: made?.password, close: () => running.disposeAsync() }
}

function refuseAddress({ host, port }: Config, error: unknown): never {
  const problems: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken: stop the program that listens there, or set DRIVEWAY_PORT to a free one.`,
    EACCES: `Port ${port} is not allowed to this account: set DRIVEWAY_PORT to one from 1024 on.`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set DRIVEWAY_HOST to one, or to 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is not known: set DRIVEWAY_HOST to an address of this machine, or to 0.0.0.0 for all.`,
  }
  const problem = problems[String((error as { code?: unknown }).code)]
  throw problem === undefined ? error : new StartError(problem, { cause: error })
}

function refuseDatabase(error: unknown): never {
  if (error instanceof DatabaseInUseError || !(error instanceof Error)) throw error
  // several addresses that all refused have no message of their own
  const reason = error.message || String((error as { code?: unknown }).code)
  throw new StartError(`The database cannot be opened: ${reason}. Check DRIVEWAY_DATABASE_URL.`, { cause: error })
}

/** Runs the server of this process until SIGTERM or SIGINT, which drain it. Prints one line per problem and exits 1 when it cannot start. */
export async function serve(): Promise<void> {
  let running: Running
  try {
    running = await start(readConfig(process.env))
  } catch (error) {
    if (![ConfigError, StartError, DatabaseInUseError].some((kind) => error instanceof kind)) throw error
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
    return
  }
  announce(running)
  let isStopping = false
  const stop = (signal: string) => {
    if (isStopping) return
    isStopping = true
    running.parts.log.info({ signal }, 'stopping: requests in flight end first')
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`could not stop cleanly: ${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function announce({ parts, firstPassword }: Running): void {
  const lines = ['', `  Driveway is ready at ${parts.config.publicUrl}`]
  if (firstPassword !== undefined) {
    lines.push('', '  Sign in as admin with this password. It is shown this once:', `  ${firstPassword}`)
  }
  process.stdout.write(`${lines.join('\n')}\n\n`)
}
