import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const { file } = workerData as { file: string }
const database = new DatabaseSync(file, { timeout: 10_000 })
database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0')

function run(mode: string): void {
  if (mode === 'close') database.close()
  else database.exec(`pragma wal_checkpoint(${mode === 'truncate' ? 'truncate' : 'passive'})`)
}

parentPort?.on('message', (mode: string) => {
  try {
    run(mode)
    parentPort?.postMessage({})
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) })
  }
})
