import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Parts } from '../../context.ts'
import { systemContext } from '../../context.ts'
import { engines, openTestParts } from '../../testing/parts.ts'
import { addOwner, assertInOrder, type Owner } from '../../testing/trees.ts'
import { breathe, neverAborted } from '../files/files.interruption.ts'
import { binNode } from '../files/files.tree.ts'
import { jobSweeps, startHousekeeping, type Sweep, sweepAll } from './housekeeping.ts'
import { jobKinds } from './jobs.kinds.ts'
import { type JobKind, startJobs } from './jobs.runner.ts'
import { cancelJob, createJob, emptyBin, enqueueJob, getJob, wakeJobs } from './jobs.service.ts'

const minute = 60_000
const day = 24 * 60 * minute

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    if (tries > 2000) throw new Error('it does not come to that')
    await sleep(2)
  }
}

/** A promise and what keeps it. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open: () => open(), opened }
}

for (const engine of engines) {
  describe(`the runner of jobs on ${engine}`, () => {
    let parts: Parts
    let close: () => Promise<void>
    let offset = 0

    before(async () => {
      const opened = await openTestParts(engine)
      parts = { ...opened.parts, now: () => new Date(Date.now() + offset) }
      close = opened.close
    })
    after(() => close())

    const copyJob = (owner: Owner, fileIds: string[], newFilePath = 'root') =>
      createJob(owner.ctx, {
        taskType: 1,
        dstContainerId: owner.space.id,
        taskInfo: { srcContainerId: owner.space.id, fileInfo: fileIds.map((fileId) => ({ fileId })), newFilePath },
      })
    const jobInfo = async (owner: Owner, id: string) => (await getJob(owner.ctx, { job_id: id })).data.jobInfo
    const ended = (owner: Owner, id: string) => until(async () => (await jobInfo(owner, id)).status >= 2)
    const rowOf = (id: string) => parts.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const countNodes = async (owner: Owner) =>
      (await parts.db.selectFrom('nodes').select('id').where('space_id', '=', owner.space.id).execute()).length
    /** Adds a job of a kind of the test's own, without items. */
    const enqueue = (owner: Owner, kind: number) =>
      parts.db
        .transaction()
        .execute((tx) =>
          enqueueJob(tx, owner.ctx, { kind, ownerId: owner.ctx.actor.userId, spaceId: owner.space.id, nodeIds: [] }),
        )

    test('a new job starts at once, long before the next look', async () => {
      const owner = await addOwner(parts)
      const jobs = startJobs(parts, jobKinds, { pollMs: minute })
      await sleep(20)
      const { data } = await copyJob(owner, [await owner.addFile('a')])
      await ended(owner, data)
      await jobs.stop()
    })

    test('a job of another process is found by looking', async () => {
      const owner = await addOwner(parts)
      const jobs = startJobs(parts, [{ kind: 901, run: async () => undefined }], { pollMs: 20 })
      await sleep(10)
      const id = await enqueue(owner, 901)
      await ended(owner, id)
      assert.equal((await rowOf(id)).result, 1)
      await jobs.stop()
    })

    test('jobs of one process run two at a time', async () => {
      const owner = await addOwner(parts)
      let running = 0
      let most = 0
      const kind: JobKind = {
        kind: 902,
        async run() {
          most = Math.max(most, ++running)
          await sleep(10)
          running--
          return undefined
        },
      }
      const ids = await Promise.all(Array.from({ length: 8 }, () => enqueue(owner, 902)))
      const jobs = startJobs(parts, [kind])
      for (const id of ids) await ended(owner, id)
      assert.equal(most, 2)
      await jobs.stop()
    })

    test('each of many jobs is carried out by one of several processes', async () => {
      const owner = await addOwner(parts)
      const runs = new Map<string, number>()
      const kind: JobKind = {
        kind: 903,
        async run(_ctx, job) {
          runs.set(job.id, (runs.get(job.id) ?? 0) + 1)
          await sleep(1)
          return undefined
        },
      }
      const ids: string[] = []
      for (let count = 0; count < 30; count++) ids.push(await enqueue(owner, 903))
      const processes = Array.from({ length: 3 }, () => startJobs(parts, [kind], { pollMs: 5 }))
      for (const id of ids) await ended(owner, id)
      await Promise.all(processes.map((one) => one.stop()))
      assert.deepEqual(
        ids.map((id) => runs.get(id)),
        ids.map(() => 1),
      )
    })

    test('a job that was stopped in the middle goes on in the next process and ends once', async () => {
      const owner = await addOwner(parts)
      const [first, second] = [await owner.addFolder('First'), await owner.addFolder('Second')]
      await owner.addFiles(10, first)
      await owner.addFiles(3000, second)
      const target = await owner.addFolder('Target')
      const before = await countNodes(owner)
      let jobs = startJobs(parts, jobKinds)
      const { data } = await copyJob(owner, [first, second], target)
      await until(async () => (await countNodes(owner)) > before + 600)
      await jobs.stop()
      const stopped = await rowOf(data)
      assert.deepEqual([stopped.status, stopped.done, stopped.lease_owner], [1, 1, null])
      jobs = startJobs(parts, jobKinds)
      await ended(owner, data)
      await jobs.stop()
      assert.equal((await jobInfo(owner, data)).taskResultCode, 1)
      assert.equal((await owner.paths(target)).length, 3012)
      await assertInOrder(owner)
    })

    test('the job of a process that died is taken over when its lease has ended, not before', async () => {
      const owner = await addOwner(parts)
      const folder = await owner.addFolder('Folder')
      const { data } = await copyJob(owner, [folder])
      const lease = { lease_owner: 'dead', lease_until: new Date(parts.now().getTime() + minute).toISOString() }
      await parts.db
        .updateTable('jobs')
        .set({ status: 1, ...lease })
        .where('id', '=', data)
        .execute()
      const jobs = startJobs(parts, jobKinds, { pollMs: 5 })
      await sleep(50)
      assert.equal((await jobInfo(owner, data)).status, 1)
      offset += minute + 1
      await ended(owner, data)
      await jobs.stop()
      assert.equal((await owner.paths()).length, 2)
    })

    test('a process that lost its job to another stops, and no item is done twice', async () => {
      const owner = await addOwner(parts)
      const folder = await owner.addFolder('Big')
      await owner.addFiles(3000, folder)
      const target = await owner.addFolder('Target')
      const slow = startJobs(parts, jobKinds, { leaseMs: 1, watchMs: minute })
      const { data } = await copyJob(owner, [folder], target)
      const before = await countNodes(owner)
      await until(async () => (await countNodes(owner)) > before + 500)
      const other = startJobs(parts, jobKinds, { pollMs: 5 })
      await ended(owner, data)
      await Promise.all([slow.stop(), other.stop()])
      await sweepAll(parts, jobSweeps, neverAborted)
      assert.equal((await owner.paths(target)).length, 3001)
      await assertInOrder(owner)
    })

    test('a running job keeps its lease', async () => {
      const owner = await addOwner(parts)
      const { open, opened } = gate()
      const jobs = startJobs(
        parts,
        [
          {
            kind: 904,
            async run() {
              await opened
              return undefined
            },
          },
        ],
        { leaseMs: 60, watchMs: 5 },
      )
      const id = await enqueue(owner, 904)
      wakeJobs()
      await until(async () => (await rowOf(id)).status === 1)
      const lease = (await rowOf(id)).lease_until
      await until(async () => ((await rowOf(id)).lease_until ?? '') > (lease ?? ''))
      open()
      await ended(owner, id)
      await jobs.stop()
    })

    test('a cancelled copy stops in the middle and leaves nothing behind', async () => {
      const owner = await addOwner(parts)
      const [first, second] = [await owner.addFolder('First'), await owner.addFolder('Second')]
      await owner.addFiles(3000, second)
      const target = await owner.addFolder('Target')
      const before = await countNodes(owner)
      const jobs = startJobs(parts, jobKinds)
      const { data } = await copyJob(owner, [first, second], target)
      await until(async () => (await countNodes(owner)) > before + 500)
      await cancelJob(owner.ctx, { jobId: data })
      await until(async () => (await countNodes(owner)) === before + 1)
      await jobs.stop()
      assert.deepEqual(await owner.paths(target), ['First'])
      const { data: job } = await getJob(owner.ctx, { job_id: data })
      assert.equal(job.jobInfo.status, 3)
      assert.deepEqual(
        job.taskInfos.map((item) => item.status),
        ['1', '0'],
      )
      assert.equal(job.jobInfo.progress, 50)
      await assertInOrder(owner)
    })

    test('a job that was cancelled before it began does nothing', async () => {
      const owner = await addOwner(parts)
      const { data } = await copyJob(owner, [await owner.addFile('a')])
      await cancelJob(owner.ctx, { jobId: data })
      const jobs = startJobs(parts, jobKinds, { pollMs: 5 })
      await sleep(30)
      await jobs.stop()
      assert.equal((await jobInfo(owner, data)).status, 3)
      assert.equal((await owner.paths()).length, 1)
    })

    test('the job of somebody who was disabled does nothing', async () => {
      const owner = await addOwner(parts)
      const { data } = await copyJob(owner, [await owner.addFile('a')])
      await emptyBin(owner.ctx, { containerId: owner.space.id })
      await parts.db.updateTable('users').set({ status: 1 }).where('id', '=', owner.ctx.actor.userId).execute()
      const jobs = startJobs(parts, jobKinds)
      await ended(owner, data)
      const { data: job } = await getJob(owner.ctx, { job_id: data })
      assert.deepEqual([job.jobInfo.taskResultCode, job.jobInfo.resultCode], [3, 13000410])
      assert.equal(job.taskInfos[0]?.resultDesc, 'NOT_PERMITTED')
      assert.equal((await owner.paths()).length, 1)
      await jobs.stop()
    })

    test('a fault of our own fails the job and keeps no other from running', async () => {
      const owner = await addOwner(parts)
      const id = await enqueue(owner, 905)
      const run = async () => {
        throw new Error('broken')
      }
      const jobs = startJobs(parts, [...jobKinds, { kind: 905, run }])
      await ended(owner, id)
      const row = await rowOf(id)
      assert.deepEqual([row.status, row.result, row.error_code], [2, 3, 13000201])
      const { data } = await copyJob(owner, [await owner.addFile('a')])
      await ended(owner, data)
      await jobs.stop()
    })

    test('a job that was finished at birth can be read and is never run', async () => {
      const owner = await addOwner(parts)
      const { userId: ownerId } = owner.ctx.actor
      const job = { kind: 906, ownerId, spaceId: owner.space.id, nodeIds: [], isFinished: true }
      const id = await parts.db.transaction().execute((tx) => enqueueJob(tx, owner.ctx, job))
      const info = await jobInfo(owner, id)
      assert.deepEqual([info.status, info.taskResultCode, info.progress], [2, 1, 100])
      assert.ok(info.beginTime === info.endTime && info.endTime !== undefined)
    })

    test('how far a job is can be seen while it runs', async () => {
      const owner = await addOwner(parts)
      const { open, opened } = gate()
      const kind: JobKind = {
        kind: 907,
        async run(_ctx, job) {
          await job.report({ total: 8, done: 3, failed: 1 })
          await opened
          return { done: 7, failed: 1, errorCode: 13000302 }
        },
      }
      const jobs = startJobs(parts, [kind])
      const id = await enqueue(owner, 907)
      wakeJobs()
      await until(async () => (await jobInfo(owner, id)).progress === 50)
      open()
      await ended(owner, id)
      const info = await jobInfo(owner, id)
      assert.deepEqual([info.progress, info.taskResultCode, info.resultCode], [100, 2, 13000302])
      await jobs.stop()
    })

    test('progress is written four times a second at most', async () => {
      const owner = await addOwner(parts)
      let writes = 0
      const db = parts.db.withPlugin({
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          writes++
          return result
        },
      })
      const kind: JobKind = {
        kind: 908,
        async run(_ctx, job, signal) {
          for (let done = 0; done < 300; done++) {
            await breathe(signal)
            await job.report({ total: 300, done, failed: 0 })
          }
          return undefined
        },
      }
      const jobs = startJobs({ ...parts, db }, [kind], { pollMs: minute, watchMs: minute })
      const id = await enqueue(owner, 908)
      wakeJobs()
      await ended(owner, id)
      await jobs.stop()
      assert.ok(writes < 20, `${writes} statements`)
    })

    test('emptying a bin of 1,200 items leaves nothing of them', async () => {
      const owner = await addOwner(parts)
      const folder = await owner.addFolder('Big')
      await owner.addFiles(1200, folder)
      const recycled = { recycled_at: parts.now().toISOString(), recycled_by: '1', recycled_parent_name: 'Big' }
      await parts.db.updateTable('nodes').set(recycled).where('parent_id', '=', folder).execute()
      await binNode(owner.ctx, owner.space, folder)
      const jobs = startJobs(parts, jobKinds)
      await emptyBin(owner.ctx, { container: owner.space.id })
      await until(async () => (await countNodes(owner)) === 1)
      await jobs.stop()
      assert.equal(await owner.used(), 0)
      await assertInOrder(owner)
    })

    test('housekeeping purges what was in the bin too long, and old jobs', async () => {
      const owner = await addOwner(parts)
      const { data } = await copyJob(owner, [await owner.addFile('a')])
      await cancelJob(owner.ctx, { jobId: data })
      const old = await owner.addFolder('old')
      await owner.addFiles(5, old)
      await binNode(owner.ctx, owner.space, old)
      offset += 20 * day
      const young = await owner.addFile('young')
      await binNode(owner.ctx, owner.space, young)
      offset += 11 * day
      await sweepAll(parts, jobSweeps, neverAborted)
      const left = await parts.db.selectFrom('nodes').select('name').where('recycled_at', 'is not', null).execute()
      assert.ok(left.some((node) => node.name === 'young') && !left.some((node) => node.name === 'old'))
      await assert.rejects(getJob(owner.ctx, { job_id: data }))
      assert.deepEqual(await parts.db.selectFrom('job_items').selectAll().where('job_id', '=', data).execute(), [])
      await assertInOrder(owner)
    })

    test('housekeeping runs every sweep though one fails, again and again until it is stopped', async () => {
      let runs = 0
      const broken: Sweep = async () => {
        throw new Error('broken')
      }
      const counting: Sweep = async (ctx) => {
        assert.equal(ctx.actor.kind, systemContext(parts).actor.kind)
        runs++
      }
      const housekeeping = startHousekeeping(parts, [broken, counting], { firstMs: 1, everyMs: 1 })
      await until(async () => runs > 2)
      await housekeeping.stop()
      const before = runs
      await sleep(20)
      assert.equal(runs, before)
    })
  })
}
