import { pages, uploadFile } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { Schema } from '../../db/schema.ts'
import { newNodeId } from '../../ids.ts'
import { foldName, nameKey, requireName } from '../../names.ts'
import { contextOf } from '../../testing/parts.ts'
import { startTestServer, type TestServer, testEngines } from '../../testing/server.ts'
import { nameColumns } from '../files/files.nodes.ts'
import { renameFile } from '../files/files.service.ts'
import { binNode, restoreNode } from '../files/files.tree.ts'

type Node = Schema['nodes']

const seed = 20_240_731
const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const pieces = [
  'a',
  'É',
  '1',
  '02',
  '10',
  ' ',
  '.',
  '.txt',
  '%',
  '$1',
  '{id}',
  '{id:1}',
  "'",
  '`',
  ',',
  '😀',
  '👩‍👧',
  '\u202e',
  '\u200b',
  '\u200f',
  'ｆ',
  '文',
  'İ',
  '\ufeff',
  '\ufffd',
  '\u{10ffff}',
  '\u{e0001}',
  'ab'.repeat(60),
]
const hostileName = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
  .map((some) => some.join('').normalize('NFC'))
  .filter((name) => {
    try {
      return requireName(name, 'name') === name
    } catch {
      return false
    }
  })

interface View {
  sortType: 1 | 2 | 4
  sortDirection: 1 | 2
  foldersFirst: boolean
  pageSize: number
  fileName: string | undefined
}

const view: fc.Arbitrary<View> = fc.record({
  sortType: fc.constantFrom(1, 2, 4),
  sortDirection: fc.constantFrom(1, 2),
  foldersFirst: fc.boolean(),
  pageSize: fc.integer({ min: 1, max: 7 }),
  fileName: fc.option(fc.constantFrom('a', '1', '😀'), { nil: undefined, freq: 3 }),
})

const plain: View = { sortType: 1, sortDirection: 1, foldersFirst: false, pageSize: 100, fileName: undefined }

interface Link {
  shortUrl: string
  /** The folder that is looked into; absent for the top of the share. */
  parentFolder?: string
}

/** A server with what the tests do to it. */
class Site {
  readonly server: TestServer
  #root = ''
  #count = 0

  constructor(server: TestServer) {
    this.server = server
  }

  async open(): Promise<void> {
    this.#root = (await this.server.admin.getSpace({ ownerId: this.server.adminId })).data.rootFileId
  }

  get space() {
    return { id: this.server.adminSpace, rootId: this.#root }
  }

  async context() {
    const query = this.server.running.parts.db.selectFrom('users').selectAll().where('id', '=', this.server.adminId)
    return contextOf(this.server.running.parts, await query.executeTakeFirstOrThrow())
  }

  async folder(name = `folder ${this.#count++}`, parent = 'root'): Promise<string> {
    const input = { fileName: name, fileType: '10', containerId: this.space.id, parentFolder: [parent] }
    return (await this.server.admin.createFolder(input)).id
  }

  async share(...fileIds: string[]): Promise<string> {
    const input = { scope: 1, fileIds, containerId: this.space.id, validDays: 7 }
    return (await this.server.admin.createShare(input)).shareLink.shortUrl
  }

  /** Rows as an upload would make them, without the bytes; of names that are the same the last counts. */
  async fill(parent: string, items: { name: string; isFolder: boolean; size: number; day: number }[]): Promise<Node[]> {
    const byFold = new Map(items.map((one) => [foldName(one.name), one]))
    const by = this.server.adminId
    const nodes = [...byFold.values()].map(({ name, isFolder, size, day }) => ({
      id: newNodeId(),
      space_id: this.space.id,
      parent_id: parent,
      ...nameColumns(name, isFolder),
      is_folder: isFolder ? 1 : 0,
      file_type: isFolder ? '10' : '45',
      mime_type: 'text/plain',
      size: isFolder ? 0 : size,
      blob_key: null,
      description: '',
      created_at: '2026-01-01T00:00:00.000Z',
      created_by: by,
      edited_at: `2026-02-0${day + 1}T00:00:00.000Z`,
      edited_by: by,
      recycled_at: null,
      recycled_by: null,
      recycled_parent_name: null,
      source_id: null,
      children_version: 0,
    }))
    if (nodes.length > 0) await this.server.running.parts.db.insertInto('nodes').values(nodes).execute()
    return nodes
  }

  list(link: Link, asked: View = plain, pageCursor?: string) {
    const { fileName, ...rest } = asked
    return this.server.anonymous.listShareFilesPublic({
      ...link,
      ...rest,
      ...(fileName === undefined ? {} : { fileName }),
      ...(pageCursor === undefined ? {} : { pageCursor }),
    })
  }

  async names(link: Link, asked: View = plain): Promise<string[]> {
    const names: string[] = []
    for await (const page of pages((cursor) => this.list(link, asked, cursor)))
      names.push(...page.files.map((file) => file.fileName))
    return names
  }

  upload(parentFolder: string, name: string, text = name): Promise<{ fileId: string }> {
    return uploadFile(this.server.admin, { source: new Blob([text]), name, containerId: this.space.id, parentFolder })
  }

  /** Runs a job of the product to its end. */
  async job(taskType: number, actionType: number | undefined, fileId: string, newFilePath?: string): Promise<void> {
    const { admin } = this.server
    const { data } = await admin.createJob({
      taskType,
      ...(actionType === undefined ? {} : { actionType }),
      taskInfo: {
        fileInfo: [{ fileId }],
        srcContainerId: this.space.id,
        ...(newFilePath === undefined ? {} : { newFilePath }),
      },
      dstContainerId: this.space.id,
    })
    for (let waited = 0; waited < 20_000; waited += 10) {
      const { jobInfo } = (await admin.getJob({ job_id: data })).data
      if (jobInfo.status >= 2) return assert.equal(jobInfo.taskResultCode, 1)
      await sleep(10)
    }
    assert.fail('the job does not end')
  }
}

function compareNodes(asked: View): (a: Node, b: Node) => number {
  const keys = { 1: 'name_key', 2: 'size', 4: 'edited_at' } as const
  return (a, b) => {
    if (asked.foldersFirst && a.is_folder !== b.is_folder) return b.is_folder - a.is_folder
    const key = asked.foldersFirst && a.is_folder === 1 && asked.sortType === 2 ? 'name_key' : keys[asked.sortType]
    const [one, other] = [a[key], b[key]]
    const byKey = typeof one === 'number' ? one - Number(other) : compareText(one, String(other))
    const order = byKey === 0 ? compareText(a.id, b.id) : byKey
    return asked.sortDirection === 1 ? order : -order
  }
}

const items = (most: number) =>
  fc.array(fc.record({ name: hostileName, isFolder: fc.boolean(), size: fc.nat(3), day: fc.nat(3) }), {
    maxLength: most,
  })

for (const engine of testEngines()) {
  describe(`the files of a link on ${engine}`, () => {
    let site: Site
    before(async () => {
      site = new Site(await startTestServer({ engine }))
      await site.open()
    })
    after(() => site.server.close())

    test('a visitor who walks while the owner works sees what stays exactly once, in order', async () => {
      const ctx = await site.context()
      const changes = fc.array(fc.record({ kind: fc.nat(3), name: hostileName, which: fc.nat(9) }), { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(items(20), view, changes, async (some, asked, others) => {
          const folder = await site.folder()
          const link = { shortUrl: await site.share(folder), parentFolder: folder }
          const nodes = await site.fill(folder, some)
          const loose = nodes.splice(0, nodes.length / 3).map((node) => node.id)
          const queue = others.values()
          const seen: string[] = []
          for await (const page of pages((cursor) => site.list(link, asked, cursor))) {
            seen.push(...page.files.map((file) => file.id))
            const next = queue.next().value
            const fileId = next && loose[next.which % Math.max(1, loose.length)]
            const quietly = () => undefined
            if (next?.kind === 0) await site.folder(next.name, folder)
            if (next?.kind === 1 && fileId)
              await renameFile(ctx, { fileId, containerId: site.space.id, name: next.name, renameMode: 2 }).catch(
                quietly,
              )
            if (next?.kind === 2 && fileId) await binNode(ctx, site.space, fileId).catch(quietly)
            if (next?.kind === 3 && fileId) await restoreNode(ctx, site.space, fileId).catch(quietly)
          }
          const has = foldName(asked.fileName ?? '')
          const expected = nodes.filter((node) => node.name_fold.includes(has)).toSorted(compareNodes(asked))
          const fixed = new Set(nodes.map((node) => node.id))
          assert.deepEqual(
            seen.filter((id) => fixed.has(id)),
            expected.map((node) => node.id),
          )
        }),
        { seed, numRuns: 80 },
      )
    })

    test('the page that is put together as text says what the page of objects says, whatever the names', async () => {
      await fc.assert(
        fc.asyncProperty(items(30), async (some) => {
          const folder = await site.folder()
          const link = { shortUrl: await site.share(folder), parentFolder: folder }
          const nodes = await site.fill(folder, some)
          const text = (await site.list(link)).files
          const objects = (await site.list(link, { ...plain, foldersFirst: true })).files
          const byId = (a: { id: string }, b: { id: string }) => compareText(a.id, b.id)
          assert.deepEqual(text.toSorted(byId), objects.toSorted(byId))
          assert.deepEqual(
            text.map((file) => file.fileName),
            nodes.toSorted(compareNodes(plain)).map((node) => node.name),
          )
        }),
        { seed, numRuns: 60 },
      )
    })

    test('the top of a share has the order of a folder', async () => {
      const names = ['file2', 'File10', 'file1', '😀', '\ufb01', 'ｆ', 'ä', 'z', '文', '\u{10ffff}']
      const folder = await site.folder()
      const nodes = await site.fill(
        folder,
        names.map((name, index) => ({ name, isFolder: index % 3 === 0, size: index % 4, day: index % 3 })),
      )
      const top = { shortUrl: await site.share(...nodes.map((node) => node.id)) }
      const inside = { shortUrl: await site.share(folder), parentFolder: folder }
      for (const sortType of [1, 2, 4] as const) {
        for (const sortDirection of [1, 2] as const) {
          for (const foldersFirst of [false, true]) {
            const asked: View = { sortType, sortDirection, foldersFirst, pageSize: 3, fileName: undefined }
            assert.deepEqual(await site.names(top, asked), await site.names(inside, asked), JSON.stringify(asked))
          }
        }
      }
      assert.deepEqual(
        await site.names(inside),
        names.toSorted((a, b) => compareText(nameKey(a), nameKey(b))),
      )
    })

    test('a search of the whole share finds everything inside once, with the folder it lies in, and nothing outside', async () => {
      const [shared, outside] = [await site.folder(), await site.folder()]
      const inner = await site.folder('inner', shared)
      const deep = await site.folder('deep report', inner)
      const file = (name: string) => ({ name, isFolder: false, size: 1, day: 0 })
      const found = [
        ...(await site.fill(shared, [file('Report 1'), file('other')])),
        ...(await site.fill(deep, [file('report 2'), file('my REPORT')])),
      ].filter((node) => node.name_fold.includes('report'))
      await site.fill(outside, [file('report 3')])
      const link = { shortUrl: await site.share(shared) }
      const seen = new Map<string, string[]>()
      const search = (pageCursor: string | undefined) =>
        site.server.anonymous.listShareFilesPublic({
          ...link,
          fileName: 'rEPORT',
          recursive: true,
          pageSize: 2,
          ...(pageCursor === undefined ? {} : { pageCursor }),
        })
      for await (const page of pages(search)) {
        for (const one of page.files) {
          assert.ok(!seen.has(one.id))
          seen.set(one.id, one.parentFolder)
        }
      }
      const expected = [...found.map((node) => [node.id, [node.parent_id]] as const), [deep, [inner]] as const]
      const byId = (a: readonly [string, unknown], b: readonly [string, unknown]) => compareText(a[0], b[0])
      assert.deepEqual([...seen].toSorted(byId), expected.toSorted(byId))
    })

    test('a cursor is good for its own list only', async () => {
      const file = (index: number) => ({ name: `a${index}`, isFolder: false, size: index, day: 0 })
      const [one, other] = [await site.folder(), await site.folder()]
      for (const folder of [one, other]) await site.fill(folder, [0, 1, 2, 3, 4].map(file))
      const asked = { ...plain, pageSize: 2 }
      const shortUrl = await site.share(one, other)
      const link = { shortUrl, parentFolder: one }
      const { nextCursor = '' } = await site.list(link, asked)
      assert.equal((await site.list(link, { ...asked, pageSize: 50 }, nextCursor)).files.length, 3)
      const refused = { reason: 'CURSOR_INVALID', code: 13_000_102 }
      await assert.rejects(site.list({ ...link, parentFolder: other }, asked, nextCursor), refused)
      await assert.rejects(site.list({ shortUrl }, asked, nextCursor), refused)
      await assert.rejects(
        site.list({ shortUrl: await site.share(one), parentFolder: one }, asked, nextCursor),
        refused,
      )
      const others: Partial<View>[] = [{ sortType: 2 }, { sortDirection: 2 }, { foldersFirst: true }, { fileName: 'a' }]
      for (const change of others) await assert.rejects(site.list(link, { ...asked, ...change }, nextCursor), refused)
      const flipped = (at: number) =>
        `${nextCursor.slice(0, at)}${nextCursor[at] === 'A' ? 'B' : 'A'}${nextCursor.slice(at + 1)}`
      const spoiled = Array.from(nextCursor).map((_, index) => flipped(index))
      for (const cursor of [...spoiled, `${nextCursor}A`, nextCursor.slice(0, -1), '1', '.'])
        await assert.rejects(site.list(link, asked, cursor), refused, cursor)
    })

    test('a page that was made before is never shown after anything on it changed', async () => {
      const { admin } = site.server
      const [folder, elsewhere] = [await site.folder(), await site.folder()]
      const link = { shortUrl: await site.share(folder), parentFolder: folder }
      const shows = async (...names: string[]) => {
        // twice: the second answer may come from what was kept
        for (let time = 0; time < 2; time++)
          assert.deepEqual(
            await site.names(link),
            names.toSorted((a, b) => compareText(nameKey(a), nameKey(b))),
          )
      }
      await shows()
      const { fileId } = await site.upload(folder, 'one.txt')
      await shows('one.txt')
      await admin.renameFile({ fileId, containerId: site.space.id, name: 'two.txt', renameMode: 3 })
      await shows('two.txt')
      const inner = await site.folder('inner', folder)
      await shows('inner', 'two.txt')
      await site.job(3, 301, fileId, elsewhere)
      await shows('inner')
      await site.job(3, 301, fileId, folder)
      await shows('inner', 'two.txt')
      await site.job(2, 201, fileId)
      await shows('inner')
      await site.job(4, undefined, fileId)
      await shows('inner', 'two.txt')
      await site.job(1, 101, fileId, inner)
      await shows('inner', 'two.txt')
      const copied = (await site.list({ ...link, parentFolder: inner })).files
      assert.deepEqual(
        copied.map((file) => file.fileName),
        ['two.txt'],
      )
      await site.job(2, 202, fileId)
      await shows('inner')
      await site.job(2, 202, inner)
      await shows()
    })

    test('a folder that is moved out of the share, or goes to the bin with its parent, is not shown any more', async () => {
      const folder = await site.folder()
      const inner = await site.folder('inner', folder)
      await site.upload(inner, 'deep.txt')
      const elsewhere = await site.folder()
      const link = { shortUrl: await site.share(folder), parentFolder: inner }
      assert.deepEqual(await site.names(link), ['deep.txt'])
      await site.job(3, 301, inner, elsewhere)
      await assert.rejects(site.names(link), { reason: 'NOT_IN_SHARE' })
      await site.job(3, 301, inner, folder)
      assert.deepEqual(await site.names(link), ['deep.txt'])
      await site.job(2, 201, folder)
      await assert.rejects(site.names(link), { reason: 'SHARE_FILES_DELETED' })
      await site.job(4, undefined, folder)
      assert.deepEqual(await site.names(link), ['deep.txt'])
    })
  })
}
