import type { LoadJob, LoadResult } from './load.ts'
import type { PacedJob, PacedResult } from './paced.ts'
import type { PagesJob, PagesResult, WalkJob, WalkResult } from './pages.ts'
import type { UploadJob, UploadResult } from './uploads.ts'

/** What a client process can be asked to do, and what it answers. */
export interface Jobs {
  load: { job: LoadJob; result: LoadResult }
  paced: { job: PacedJob; result: PacedResult }
  uploads: { job: UploadJob; result: UploadResult }
  pages: { job: PagesJob; result: PagesResult }
  walk: { job: WalkJob; result: WalkResult }
}

export type JobKind = keyof Jobs

/** Parent to client. */
export interface JobMessage<K extends JobKind = JobKind> {
  kind: K
  job: Jobs[K]['job']
}

/** Client to parent. */
export type JobOutcome = { result: Jobs[JobKind]['result'] } | { error: string }
