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

/** Carries out a deed on up to 1000 items (none for `empty`) as a job and waits for its end. */
export async function runJob(deed: Deed, containerId: string, fileIds: string[]): Promise<JobOutcome> {
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
