import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder, type Session, signIn } from './api.ts'
import { type ClientProcess, startClient } from './client-process.ts'
import type { Options } from './options.ts'
import { startProduct } from './product.ts'
import type { Program } from './programs.ts'
import type { UploadResult } from './uploads.ts'

/** What every workload runs on: one product over one data folder, one client process, a folder for scraps. */
export interface Stage {
  options: Options
  workDir: string
  dataDir: string
  product: Program
  session: Session
  client: ClientProcess
  /** Prints a line of progress. */
  say: (line: string) => void
  /** Stops the product, runs `work` on its files, starts it again and signs in; `settings` differ from the defaults until the next stop. */
  whileStopped: (work: () => void, settings?: Record<string, string>) => Promise<void>
  stop: () => Promise<void>
}

/** Sets the stage over an empty data folder; `nodeArgs` go to the product's node. */
export async function openStage(options: Options, workDir: string, nodeArgs: string[] = []): Promise<Stage> {
  const dataDir = join(workDir, 'data')
  mkdirSync(dataDir, { recursive: true })
  const start = (settings = {}) => startProduct({ dataDir, workDir, nodeArgs, settings })
  const product = await start()
  const stage: Stage = {
    options,
    workDir,
    dataDir,
    product,
    session: await signIn(product.port),
    client: startClient(),
    say: (line) => process.stderr.write(`${line}\n`),
    whileStopped: async (work, settings) => {
      await stage.product.stop()
      work()
      stage.product = await start(settings)
      stage.session = await signIn(stage.product.port)
    },
    stop: async () => {
      stage.client.stop()
      await stage.product.stop()
    },
  }
  return stage
}

/** Uploads files of a size into a new folder of the space, through the API; returns the folder and the files. */
export async function uploadFolder(stage: Stage, name: string, size: { count: number; bytes: number }) {
  const folderId = await createFolder(stage.session, name)
  const { fileIds } = await uploadInto(stage, folderId, size)
  return { folderId, fileIds }
}

/** Uploads files of a size into a folder, through the API. */
export async function uploadInto(
  { client, product, session }: Stage,
  folderId: string,
  size: { count: number; bytes: number; withSha256?: boolean },
): Promise<UploadResult> {
  const { authorization, containerId } = session
  return await client.run('uploads', {
    port: product.port,
    target: { kind: 'drive', authorization, containerId, folderId },
    concurrency: Math.min(8, size.count),
    withSha256: false,
    cpuPid: product.pid,
    ...size,
  })
}
