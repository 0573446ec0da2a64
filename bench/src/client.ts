import type { JobKind, JobMessage, JobOutcome, Jobs } from './jobs.ts'
import { runLoad } from './load.ts'
import { runPaced } from './paced.ts'
import { runPages, runWalk } from './pages.ts'
import { runUploads } from './uploads.ts'

// The client process: takes one job at a time from its parent, runs it against a server, answers with what it measured.
const runners: { [K in JobKind]: (job: Jobs[K]['job']) => Promise<Jobs[K]['result']> } = {
  load: runLoad,
  paced: runPaced,
  uploads: runUploads,
  pages: runPages,
  walk: runWalk,
}

async function run<K extends JobKind>({ kind, job }: JobMessage<K>): Promise<JobOutcome> {
  try {
    return { result: await runners[kind](job) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

process.on('message', (message: JobMessage) => {
  void run(message).then((outcome) => process.send?.(outcome))
})
process.on('disconnect', () => process.exit(0))
