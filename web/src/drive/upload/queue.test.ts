import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRunning, type QueuePorts, UploadQueue } from './queue.ts'

const target = { containerId: 'space', folderId: 'root' }

function makeQueue(send: QueuePorts['send']): { queue: UploadQueue; made: string[] } {
  const made: string[] = []
  const queue = new UploadQueue({
    send,
    onArrived: () => undefined,
    ensureFolder: async (_space, parent, name) => {
      made.push(`${parent}/${name}`)
      return name
    },
  })
  return { queue, made }
}

async function settled(queue: UploadQueue): Promise<string[]> {
  for (;;) {
    if (!queue.tasks().some(isRunning)) return queue.tasks().map(({ state }) => state)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const file = (name: string): File => new File(['hello'], name)

test('files of one folder tree share the folders that are made', async () => {
  const sentTo: string[] = []
  const { queue, made } = makeQueue(async ({ target: { folderId } }) => sentTo.push(folderId))
  queue.add(
    [
      { file: file('1'), folders: ['a', 'b'] },
      { file: file('2'), folders: ['a', 'b'] },
      { file: file('3'), folders: ['a'] },
      { file: file('4'), folders: [] },
    ],
    target,
  )
  assert.deepEqual(await settled(queue), ['done', 'done', 'done', 'done'])
  assert.deepEqual(made, ['root/a', 'a/b'])
  assert.deepEqual(sentTo.toSorted(), ['a', 'b', 'b', 'root'])
})

test('at most two files are on their way at once', async () => {
  let now = 0
  let most = 0
  const { queue } = makeQueue(async () => {
    most = Math.max(most, (now += 1))
    await new Promise((resolve) => setTimeout(resolve, 2))
    now -= 1
  })
  queue.add(
    Array.from({ length: 6 }, (_, index) => ({ file: file(`${index}`), folders: [] })),
    target,
  )
  await settled(queue)
  assert.equal(most, 2)
})

test('a failed file can be tried again and keeps its key', async () => {
  const keys: number[] = []
  const { queue } = makeQueue(async ({ key }) => {
    keys.push(key)
    if (keys.length === 1) throw new Error('no network')
  })
  queue.add([{ file: file('1'), folders: [] }], target)
  assert.deepEqual(await settled(queue), ['failed'])
  queue.retry(1)
  assert.deepEqual(await settled(queue), ['done'])
  assert.deepEqual(keys, [1, 1])
})

test('cancelling stops what runs and what waits, and clearing forgets it', async () => {
  const { queue } = makeQueue(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  )
  queue.add(
    ['1', '2', '3'].map((name) => ({ file: file(name), folders: [] })),
    target,
  )
  queue.cancelAll()
  assert.deepEqual(await settled(queue), ['cancelled', 'cancelled', 'cancelled'])
  queue.clear()
  assert.equal(queue.tasks().length, 0)
})
