import { drive } from '../shared/drive.ts'

/** What a job does to items. */
export type Deed = 'bin' | 'restore' | 'purge' | 'empty'

/** How a job ended: how many items failed, and the code of the first failure. */
export interface JobOutcome {
  failed: number
  firstCode: number
}

const kinds = {
  bin: { taskType: 2, actionType: 201 },
  restore: { taskType: 4 },
  purge: { taskType: 2, actionType: 202 },
  empty: { taskType: 7, actionType: 701 },
} as const

const mostPerJob = 1000

/** Carries out a deed on items (none for `empty`) as one job per thousand, one after the other, and waits for their end. */
export async function runJobs(deed: Deed, containerId: string, fileIds: string[]): Promise<JobOutcome> {
  const first = await runJob(deed, containerId, fileIds.slice(0, mostPerJob))
  if (fileIds.length <= mostPerJob) return first
  const rest = await runJobs(deed, containerId, fileIds.slice(mostPerJob))
  return { failed: first.failed + rest.failed, firstCode: first.firstCode || rest.firstCode }
}

async function runJob(deed: Deed, containerId: string, fileIds: string[]): Promise<JobOutcome> {
  const { data: jobId } = await drive.createJob({
    ...kinds[deed],
    dstContainerId: containerId,
    taskInfo: { srcContainerId: containerId, fileInfo: fileIds.map((fileId) => ({ fileId })) },
  })
  for (let pause = 100; ; pause = Math.min(1500, pause * 1.5)) {
    const { jobInfo, taskInfos } = (await drive.getJob({ job_id: jobId })).data
    if (jobInfo.status >= 2) {
      const failures = taskInfos.filter(({ status }) => status === '2')
      return { failed: failures.length, firstCode: Number(failures[0]?.resultCode ?? 0) }
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
