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

/** Starts a server from its settings: database, blobs, first people, jobs, HTTP. */
export async function start(config: Config, overrides: Partial<Pick<Parts, 'now' | 'log'>> = {}): Promise<Running> {
  const parts: Parts = {
    config,
    log: overrides.log ?? pino({ level: config.logLevel }, pino.destination({ dest: 1, sync: false })),
    now: overrides.now ?? (() => new Date()),
    keys: deriveKeys(config.secretKey),
    db: await openDatabase(config.databaseUrl, config.databaseConnections),
    blobs: await openBlobs(config),
  }
  const made = await ensureFirstStart(parts)
  const app = await createApp(parts)
  const url = await app.listen({ host: config.host, port: config.port })
  if (config.publicUrl === '') config.publicUrl = url.replace('0.0.0.0', 'localhost').replace('[::]', 'localhost')
  const jobs = startJobs(parts, [...jobKinds, ...messageJobKinds])
  const housekeeping = startHousekeeping(parts, [...authSweeps, forgetOldKeys, ...transferSweeps])
  const close = async () => {
    await app.close()
    await Promise.all([jobs.stop(), housekeeping.stop()])
    await parts.blobs.close()
    await parts.db.destroy()
  }
  return { url, parts, app, firstPassword: made?.password, close }
}

/** Runs the server of this process until SIGTERM or SIGINT, which drain it. Prints one line per problem and exits 1 when it cannot start. */
export async function serve(): Promise<void> {
  let running: Running
  try {
    running = await start(readConfig(process.env))
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof DatabaseInUseError)) throw error
    process.stderr.write(`${error.message}\n`)
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
