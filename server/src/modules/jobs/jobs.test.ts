import { createDrive, DriveError, type Drive } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestServer, testEngines, type TestPerson, type TestServer } from '../../testing/server.ts'

const refusal = (reason: string, field?: string) => (error: unknown) =>
  error instanceof DriveError &&
  (error.reason === reason || error.details[0]?.reason === reason) &&
  (field === undefined || error.details[0]?.errorParam === field)

async function finished(drive: Drive, jobId: string) {
  for (let tries = 0; tries < 400; tries++) {
    const { data } = await drive.getJob({ job_id: jobId })
    if (data.jobInfo.status >= 2) return data
    await sleep(10)
  }
  throw new Error('the job does not end')
}

for (const engine of testEngines()) {
  describe(`jobs over HTTP on ${engine}`, () => {
    let server: TestServer
    let ada: TestPerson
    let eve: TestPerson

    before(async () => {
      server = await startTestServer({ engine })
      ada = await server.person('ada')
      eve = await server.person('eve')
    })
    after(() => server.close())

    const addFolder = async (name: string, parent = 'root', person = ada) => {
      const body = { containerId: person.space, parentFolder: [parent], fileName: name, fileType: '10' }
      return (await person.drive.createFolder({ ...body, mimeType: 'application/vnd.huawei-apps.folder' })).id
    }
    const jobOf = (taskType: number, fileIds: string[], rest: { actionType?: number; newFilePath?: string } = {}) => ({
      taskType,
      ...(rest.actionType === undefined ? {} : { actionType: rest.actionType }),
      dstContainerId: ada.space,
      taskInfo: {
        srcContainerId: ada.space,
        fileInfo: fileIds.map((fileId) => ({ fileId, filePath: `/root/${fileId}` })),
        ...(rest.newFilePath === undefined ? {} : { newFilePath: rest.newFilePath }),
      },
    })
    const start = async (...args: Parameters<typeof jobOf>) => (await ada.drive.createJob(jobOf(...args))).data
    const namesIn = async (folderId: string, type = 0) => {
      const { files } = await ada.drive.listFiles({ type, containerId: ada.space, parentFileId: folderId })
      return files.map((file) => file.fileName).toSorted()
    }

    test('a job is answered at once and tells its times, its owner and its items when it has ended', async () => {
      const folder = await addFolder('told')
      const id = await start(2, [folder], { actionType: 201 })
      assert.match(id, /^\d{19}$/)
      const { jobInfo, taskInfos } = await finished(ada.drive, id)
      const { tenantId, createTime, beginTime, endTime, ...rest } = jobInfo
      for (const time of [createTime, beginTime, endTime]) assert.match(time ?? '', /^20\d{12}$/)
      assert.deepEqual(rest, {
        taskId: id,
        taskName: 'delete',
        userId: `${tenantId}-${ada.id}`,
        taskType: 2,
        actionType: 201,
        status: 2,
        taskResultCode: 1,
        resultCode: 0,
        progress: 100,
        contentNum: 1,
        containerId: ada.space,
      })
      assert.deepEqual(taskInfos, [
        {
          id: '1',
          fileId: folder,
          filePath: `/root/${folder}`,
          status: '1',
          newFileId: folder,
          srcContainerId: ada.space,
          resultCode: '0',
          resultDesc: 'OK',
        },
      ])
    })

    test('an item goes to the bin, comes back, moves, is copied and is deleted for good', async () => {
      const [folder, target] = [await addFolder('travels'), await addFolder('target')]
      await finished(ada.drive, await start(2, [folder]))
      assert.ok((await namesIn('root', 1)).includes('travels'))
      await finished(ada.drive, await start(4, [folder]))
      assert.ok((await namesIn('root')).includes('travels'))
      await finished(ada.drive, await start(3, [folder], { newFilePath: `/root/${target}/` }))
      assert.deepEqual(await namesIn(target), ['travels'])
      const copied = await finished(ada.drive, await start(1, [folder], { newFilePath: target }))
      const { newFileId } = copied.taskInfos[0]!
      assert.ok(newFileId !== undefined && newFileId !== folder)
      assert.equal((await namesIn(target)).length, 2)
      const purged = await finished(ada.drive, await start(2, [folder], { actionType: 202 }))
      assert.equal(purged.taskInfos[0]!.newFileId, undefined)
      assert.equal((await namesIn(target)).length, 1)
    })

    test('what goes wrong with one item does not keep the others from going on', async () => {
      const [outer, good] = [await addFolder('outer'), await addFolder('good')]
      const inner = await addFolder('inner', outer)
      const { jobInfo, taskInfos } = await finished(
        ada.drive,
        await start(3, [outer, 'Fnone', good], { newFilePath: inner }),
      )
      assert.deepEqual([jobInfo.taskResultCode, jobInfo.resultCode, jobInfo.contentNum], [2, 13000307, 3])
      assert.deepEqual(
        taskInfos.map((item) => [item.status, item.resultCode, item.resultDesc]),
        [
          ['2', '13000307', 'NESTED_DIRECTORIES'],
          ['2', '13000302', 'FILE_NOT_IN_SPACE'],
          ['1', '0', 'OK'],
        ],
      )
      const failed = await finished(ada.drive, await start(4, [good]))
      assert.deepEqual([failed.jobInfo.taskResultCode, failed.jobInfo.resultCode], [3, 13000303])
    })

    test('a call that cannot work is refused before a job is made', async () => {
      const folder = await addFolder('kept')
      const binned = await addFolder('binned')
      await finished(ada.drive, await start(2, [binned]))
      const before = (await ada.drive.listJobs({ offset: 0, limit: 100 })).data.length
      const refused = async (job: ReturnType<typeof jobOf>, reason: string, field: string, person = ada) =>
        assert.rejects(person.drive.createJob(job), refusal(reason, field))
      await refused(jobOf(2, [folder], { actionType: 101 }), 'NOT_ALLOWED', 'actionType')
      await refused(jobOf(3, []), 'TOO_FEW', 'taskInfo.fileInfo')
      await refused(jobOf(3, [folder, folder]), 'DUPLICATE', 'taskInfo.fileInfo[1].fileId')
      await refused(jobOf(3, [folder], { newFilePath: 'Fnone' }), 'TARGET_FOLDER_INVALID', 'taskInfo.newFilePath')
      await refused(jobOf(1, [folder], { newFilePath: `root/${binned}` }), 'TARGET_IN_BIN', 'taskInfo.newFilePath')
      await refused({ ...jobOf(3, [folder]), dstContainerId: eve.space }, 'NOT_ALLOWED', 'dstContainerId')
      await refused({ ...jobOf(1, [folder]), dstContainerId: eve.space }, 'SPACE_NOT_ACCESSIBLE', 'dstContainerId')
      await refused(jobOf(2, [folder]), 'SPACE_NOT_ACCESSIBLE', 'taskInfo.srcContainerId', eve)
      assert.equal((await ada.drive.listJobs({ offset: 0, limit: 100 })).data.length, before)
    })

    test('jobs are listed newest first, by kind and by state, and nobody sees those of others', async () => {
      const folder = await addFolder('listed')
      const first = await start(2, [folder])
      await finished(ada.drive, first)
      const second = await start(4, [folder])
      await finished(ada.drive, second)
      const list = async (query: { type?: number; status?: number; offset?: number; limit?: number }) =>
        (await ada.drive.listJobs({ offset: 0, limit: 100, ...query })).data.map((job) => job.taskId)
      assert.deepEqual((await list({})).slice(0, 2), [second, first])
      assert.equal((await list({ type: 4 }))[0], second)
      assert.equal((await list({ type: 2 }))[0], first)
      assert.deepEqual(await list({ offset: 1, limit: 1 }), [first])
      assert.deepEqual(await list({ status: 1 }), [])
      assert.deepEqual((await eve.drive.listJobs({ offset: 0, limit: 100 })).data, [])
      await assert.rejects(eve.drive.getJob({ job_id: first }), refusal('NOT_FOUND'))
      await assert.rejects(eve.drive.cancelJob({ jobId: first }), refusal('NOT_FOUND'))
      await assert.rejects(ada.drive.getJob({ job_id: '1' }), refusal('NOT_FOUND'))
    })

    test('a job is found with and without jobs in its path', async () => {
      const id = await start(2, [await addFolder('twice')])
      for (const path of [id, `jobs/${id}`]) {
        const answer = await fetch(`${server.url}/koodrive/ose/v1/${path}`, {
          headers: { authorization: `Bearer ${ada.token}` },
        })
        const { data } = (await answer.json()) as { data: { jobInfo: { taskId: string } } }
        assert.equal(data.jobInfo.taskId, id)
      }
    })

    test('cancelling a job that has ended changes nothing', async () => {
      const id = await start(2, [await addFolder('ended')])
      await finished(ada.drive, id)
      assert.equal((await ada.drive.cancelJob({ jobId: id })).data, id)
      assert.equal((await ada.drive.getJob({ job_id: id })).data.jobInfo.status, 2)
    })

    test('the same call under one Idempotency-Key makes one job', async () => {
      const job = jobOf(2, [await addFolder('once')])
      const call = async () => {
        const answer = await fetch(`${server.url}/koodrive/ose/v1/jobs`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${ada.token}`,
            'content-type': 'application/json',
            'idempotency-key': 'k1',
          },
          body: JSON.stringify(job),
        })
        return ((await answer.json()) as { data: string }).data
      }
      const id = await call()
      assert.match(id, /^\d{19}$/)
      assert.equal(await call(), id)
    })

    test('a bin is emptied by either name of its space, and only by who may', async () => {
      for (const body of [{ containerId: ada.space }, { container: ada.space }]) {
        await finished(ada.drive, await start(2, [await addFolder('rubbish')]))
        await ada.drive.emptyBin(body)
        const [job] = (await ada.drive.listJobs({ type: 7, offset: 0, limit: 1 })).data
        const { jobInfo } = await finished(ada.drive, job!.taskId)
        assert.deepEqual([jobInfo.actionType, jobInfo.taskResultCode], [701, 1])
        assert.deepEqual(await namesIn('root', 1), [])
      }
      await assert.rejects(ada.drive.emptyBin({}), refusal('MISSING', 'containerId'))
      await assert.rejects(eve.drive.emptyBin({ containerId: ada.space }), refusal('SPACE_NOT_ACCESSIBLE'))
      await assert.rejects(createDrive({ baseUrl: server.url }).emptyBin({ containerId: ada.space }))
    })
  })
}
