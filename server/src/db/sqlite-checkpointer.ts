import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const { file } = workerData as { file: string }
const database = new DatabaseSync(file, { timeout: 10_000 })
database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0')

/** Folds in all of the log and empties it. The busy handler waits for readers; more than that is a fault. */
function truncate(): void {
  for (let attempt = 0; attempt < 5; attempt++) {
    const { busy } = database.prepare('pragma wal_checkpoint(truncate)').get() as { busy: number }
    if (busy === 0) return
  }
  throw new Error('the log could not be emptied')
}

function run(mode: string): void {
  if (mode === 'close') database.close()
  else if (mode === 'passive') database.exec('pragma wal_checkpoint(passive)')
  else truncate()
}

parentPort?.on('message', (mode: string) => {
  try {
    run(mode)
    parentPort?.postMessage({})
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) })
  }
})
