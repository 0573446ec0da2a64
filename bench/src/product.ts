import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findPort, type Program, root, startProgram } from './programs.ts'

/** Password of the first administrator in every data folder of the bench. */
export const adminPassword = 'bench administrator 1'

/** How the product is started, beside its defaults. */
export interface ProductStart {
  dataDir: string
  workDir: string
  port?: number
  pollMs?: number
  /** Arguments of node before the program, such as `--cpu-prof`. */
  nodeArgs?: string[]
  /** Another checkout than this one. */
  checkout?: string
  /** Settings other than the defaults. */
  settings?: Record<string, string>
}

/** Starts the built server with its defaults (SQLite, disk) over a data folder and waits for its first answer. */
export async function startProduct(start: ProductStart): Promise<Program> {
  const port = start.port ?? (await findPort())
  mkdirSync(start.dataDir, { recursive: true })
  return startProgram({
    command: process.execPath,
    args: [...(start.nodeArgs ?? []), join(start.checkout ?? root, 'bin/driveway.js'), 'serve'],
    env: {
      DRIVEWAY_PORT: String(port),
      DRIVEWAY_DATA: start.dataDir,
      DRIVEWAY_ADMIN_PASSWORD: adminPassword,
      ...start.settings,
    },
    port,
    logFile: join(start.workDir, 'driveway.log'),
    readyPath: '/healthz',
    ...(start.pollMs !== undefined && { pollMs: start.pollMs }),
  })
}
