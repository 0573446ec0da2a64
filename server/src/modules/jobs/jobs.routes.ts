import type { Handlers } from '../../http/mount.ts'
import { cancelJob, createJob, emptyBin, getJob, listJobs } from './jobs.service.ts'

/** Work on many items in the background. */
export const jobHandlers = { createJob, listJobs, getJob, cancelJob, emptyBin } satisfies Partial<Handlers>
