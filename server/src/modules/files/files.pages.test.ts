import { type Drive, DriveError, pages } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Context } from '../../context.ts'
import type { Engine, Schema } from '../../db/schema.ts'
import { newNodeId } from '../../ids.ts'
import { foldName, fullSuffixOf, mimeTypeOf, nameKey, requireName, suffixOf, timestampedName } from '../../names.ts'
import { contextOf } from '../../testing/parts.ts'
import { startTestServer, type TestServer, testEngines } from '../../testing/server.ts'
import { nameColumns } from './files.nodes.ts'
import { renameFile } from './files.service.ts'
import { binNode, moveNode, restoreNode } from './files.tree.ts'

type Node = Schema['nodes']

const seed = 20_261_121
const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

describe('names', () => {
  test('a name may have any letter of any script, and none that a system trips over', () => {
    const good = [
      'a',
      'Ärger.txt',
      '报告 2026.pdf',
      '👩‍👩‍👧.png',
      '...a',
      'a.',
      'a\u202eb',
      "it's",
      '{id}',
      'x'.repeat(250),
    ]
    for (const name of [...good, '😀'.repeat(250)]) assert.equal(requireName(name, 'fileName'), name.normalize('NFC'))
    const bad = ['', '.', '..', 'a/b', 'a\\b', 'a\0b', 'a\nb', 'a\u0085b', 'a\u2028b', ' a', 'a ', '\u3000a', 'a\u00a0']
    for (const name of [...bad.slice(1), ...Array.from('<>|:"*?'), 'x'.repeat(251), '😀'.repeat(251)])
      assert.throws(() => requireName(name, 'fileName'), { reason: 'PARAMETER_INVALID' }, JSON.stringify(name))
  })

  test('names that look the same are the same', () => {
    assert.equal(requireName('u\u0308', 'fileName'), 'ü')
    for (const [one, other] of [
      ['README', 'readme'],
      ['Ü', 'u\u0308'],
      ['ΑΒΓ', 'αβγ'],
      ['ЁЖ', 'ёж'],
    ] as const)
      assert.equal(foldName(one), foldName(other))
    for (const [one, other] of [
      ['a', 'á'],
      ['a1', 'a01'],
      ['ｆ', 'f'],
    ] as const)
      assert.notEqual(foldName(one), foldName(other))
  })

  test('names sort as people count, whatever the case', () => {
    const sorted = [
      '1',
      '2',
      '10',
      'a',
      'A 1',
      'a 2',
      'a 10',
      'b',
      'File1',
      'file2',
      'FILE10',
      'file10a',
      'file10b',
      'file99999999999999999999',
      'file100000000000000000000',
      'x1y2',
      'x1y10',
      'x2y1',
      'z',
      'ä',
      '报告1',
      '报告2',
      '报告10',
      '😀',
    ]
    const shuffled = sorted.toReversed().toSorted((a, b) => compareText(nameKey(a), nameKey(b)))
    assert.deepEqual(shuffled, sorted)
  })

  test('the natural order is an order: of numbers as numbers, of the rest as text', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 40n), fc.bigInt(0n, 10n ** 40n), fc.string(), (one, other, text) => {
        const [a, b] = [nameKey(`${text}#${one}`), nameKey(`${text}#${other}`)]
        assert.equal(Math.sign(compareText(a, b)), one < other ? -1 : one > other ? 1 : 0)
      }),
      { seed, numRuns: 500 },
    )
  })

  test('extensions are read from the end, the whole of them from the first dot', () => {
    const cases = [
      ['a.TXT', 'txt', 'TXT', 'text/plain'],
      ['a.tar.gz', 'gz', 'tar.gz', 'application/gzip'],
      ['.profile', '', 'profile', 'application/octet-stream'],
      ['none', '', '', 'application/octet-stream'],
      ['a.', '', '', 'application/octet-stream'],
    ] as const
    for (const [name, suffix, whole, type] of cases)
      assert.deepEqual([suffixOf(name), fullSuffixOf(name), mimeTypeOf(name)], [suffix, whole, type], name)
  })

  test('a name with a timestamp is still a name, and another at each attempt', () => {
    const now = new Date('2026-11-21T10:20:30.456Z')
    assert.equal(timestampedName('a.tar.gz', now, 0), 'a.tar_20261121102030.gz')
    assert.equal(timestampedName('a', now, 2), 'a_20261121102030_2')
    const long = fc.array(fc.constantFrom('a', '.', 'é', '😀', '文'), { minLength: 1, maxLength: 250 })
    fc.assert(
      fc.property(long, fc.nat(19), (letters, attempt) => {
        const name = timestampedName(letters.join(''), now, attempt)
        assert.equal(requireName(name, 'fileName'), name.normalize('NFC'))
      }),
      { seed, numRuns: 300 },
    )
  })
})

/** Texts that break what was put together without care. */
const pieces = [
  'a',
  'B',
  'é',
  '1',
  '02',
  '10',
  ' ',
  '.',
  '.txt',
  '-',
  '_',
  '%',
  '$1',
  '${x}',
  '{id}',
  "'",
  '`',
  ',',
  ';',
  '😀',
  '👩‍👧',
  '\u202e',
  '\u200b',
  'ｆ',
  '文',
  'ß',
  'İ',
  '\ufeff',
  '\ufffd',
  '\u{10ffff}',
  'ab'.repeat(20),
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

interface Item {
  name: string
  isFolder: boolean
  size: number
  day: number
  fileType: string
}

const item: fc.Arbitrary<Item> = fc.record({
  name: hostileName,
  isFolder: fc.boolean(),
  // few values: ties are where pages go wrong
  size: fc.nat(3),
  day: fc.nat(3),
  fileType: fc.constantFrom('15', '45'),
})

interface View {
  sortType: 1 | 2 | 3 | 4 | 6
  sortDirection: 1 | 2
  foldersFirst: boolean
  pageSize: number
  fileName: string | undefined
  fileType: string | undefined
}

const view: fc.Arbitrary<View> = fc.record({
  sortType: fc.constantFrom(1, 2, 3, 4, 6),
  sortDirection: fc.constantFrom(1, 2),
  foldersFirst: fc.boolean(),
  pageSize: fc.integer({ min: 1, max: 8 }),
  fileName: fc.option(fc.constantFrom('a', '1', '.', '😀', 'É'), { nil: undefined, freq: 3 }),
  fileType: fc.option(fc.constantFrom('45', '10'), { nil: undefined, freq: 3 }),
})

interface Change {
  kind: 'insert' | 'rename' | 'bin' | 'restore' | 'move'
  name: string
  which: number
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('insert', 'rename', 'bin', 'restore', 'move'),
  name: hostileName,
  which: fc.nat(100),
})

type Key = (node: Node) => string | number

const keys: Record<View['sortType'], Key> = {
  1: (node) => node.name_key,
  2: (node) => node.size,
  3: (node) => node.created_at,
  4: (node) => node.edited_at,
  6: (node) => node.suffix,
}

/** The order a list promises, told in another way than by an index. */
function compareNodes(asked: View): (a: Node, b: Node) => number {
  return (a, b) => {
    if (asked.foldersFirst && a.is_folder !== b.is_folder) return b.is_folder - a.is_folder
    // folders have neither size nor format
    const isByName = asked.foldersFirst && a.is_folder === 1 && (asked.sortType === 2 || asked.sortType === 6)
    const key = keys[isByName ? 1 : asked.sortType]
    const [one, other] = [key(a), key(b)]
    const byKey = typeof one === 'number' ? one - Number(other) : compareText(one, String(other))
    const order = byKey === 0 ? compareText(a.id, b.id) : byKey
    return asked.sortDirection === 1 ? order : -order
  }
}

function isAskedFor(asked: View, node: Node): boolean {
  const hasName = asked.fileName === undefined || node.name_fold.includes(foldName(asked.fileName))
  return hasName && (asked.fileType === undefined || node.file_type === asked.fileType)
}

class Folder {
  readonly server: TestServer
  readonly ctx: Context
  readonly id: string
  readonly other: string
  readonly space: { id: string; rootId: string }

  constructor(server: TestServer, ctx: Context, ids: { id: string; other: string; rootId: string }) {
    this.server = server
    this.ctx = ctx
    this.id = ids.id
    this.other = ids.other
    this.space = { id: server.adminSpace, rootId: ids.rootId }
  }

  async fill(items: Item[]): Promise<Node[]> {
    const byFold = new Map(items.map((one) => [foldName(one.name), one]))
    const nodes = [...byFold.values()].map((one) => this.#nodeOf(one))
    if (nodes.length > 0) await this.ctx.db.insertInto('nodes').values(nodes).execute()
    return nodes
  }

  #nodeOf({ name, isFolder, size, day, fileType }: Item): Node {
    const by = this.server.adminId
    return {
      id: newNodeId(),
      space_id: this.space.id,
      parent_id: this.id,
      ...nameColumns(name, isFolder),
      is_folder: isFolder ? 1 : 0,
      file_type: isFolder ? '10' : fileType,
      mime_type: 'text/plain',
      size: isFolder ? 0 : size,
      blob_key: null,
      description: '',
      created_at: `2026-01-0${day + 1}T00:00:00.000Z`,
      created_by: by,
      edited_at: `2026-02-0${((day * 7) % 4) + 1}T00:00:00.000Z`,
      edited_by: by,
      recycled_at: null,
      recycled_by: null,
      recycled_parent_name: null,
      source_id: null,
      children_version: 0,
    }
  }

  /** Changes something that `loose` names; what is not possible now is left. */
  async change({ kind, name, which }: Change, loose: string[]): Promise<void> {
    if (kind === 'insert') {
      const made = { fileName: name, fileType: '10', containerId: this.space.id, parentFolder: [this.id] }
      loose.push((await this.server.admin.createFolder(made)).id)
      return
    }
    const fileId = loose[which % Math.max(1, loose.length)]
    if (fileId === undefined) return
    const changes: Record<Exclude<Change['kind'], 'insert'>, () => Promise<unknown>> = {
      rename: () => renameFile(this.ctx, { fileId, containerId: this.space.id, name, renameMode: 2 }),
      bin: () => binNode(this.ctx, this.space, fileId),
      restore: () => restoreNode(this.ctx, this.space, fileId),
      move: () =>
        moveNode(this.ctx, { space: this.space, nodeId: fileId, targetId: which % 2 === 0 ? this.other : this.id }),
    }
    await changes[kind]().catch((error: unknown) => {
      const { reason } = error as { reason?: string }
      assert.ok(['SOURCE_IN_BIN', 'NOT_IN_BIN', 'ALREADY_THERE'].includes(reason ?? ''), String(error))
    })
  }

  list(asked: View, pageCursor: string | undefined, drive: Drive = this.server.admin) {
    const { sortType, sortDirection, foldersFirst, pageSize, fileName, fileType } = asked
    return drive.listFiles({
      type: 0,
      containerId: this.space.id,
      parentFileId: this.id,
      sortInfo: { sortType, sortDirection },
      pageInfo: { pageSize, ...(pageCursor === undefined ? {} : { pageCursor }) },
      foldersFirst,
      ...(fileName === undefined ? {} : { fileName }),
      ...(fileType === undefined ? {} : { fileType }),
    })
  }
}

let folders = 0

async function openFolder(server: TestServer, ctx: Context): Promise<Folder> {
  const make = async (name: string) =>
    (await server.admin.createFolder({ fileName: name, fileType: '10', containerId: server.adminSpace })).id
  const id = await make(`folder ${folders}`)
  const other = await make(`other ${folders++}`)
  const { data } = await server.admin.getSpace({ ownerId: server.adminId })
  return new Folder(server, ctx, { id, other, rootId: data.rootFileId })
}

async function walkWhileOthersChange(
  folder: Folder,
  run: { items: Item[]; loose: Item[]; asked: View; changes: Change[] },
): Promise<void> {
  const fixed = await folder.fill(run.items)
  const taken = new Set(fixed.map((node) => node.name_fold))
  const loose = await folder.fill(run.loose.filter((one) => !taken.has(foldName(one.name))))
  const looseIds = loose.map((node) => node.id)
  const changes = run.changes.values()
  const seen: string[] = []
  for await (const page of pages((cursor) => folder.list(run.asked, cursor))) {
    assert.ok(page.files.length <= run.asked.pageSize)
    seen.push(...page.files.map((file) => file.id))
    for (const one of [changes.next().value, changes.next().value]) if (one) await folder.change(one, looseIds)
  }
  const expected = fixed.filter((node) => isAskedFor(run.asked, node)).toSorted(compareNodes(run.asked))
  const fixedIds = new Set(fixed.map((node) => node.id))
  assert.deepEqual(
    seen.filter((id) => fixedIds.has(id)),
    expected.map((node) => node.id),
  )
}

for (const engine of testEngines()) {
  describe(`pages of a folder on ${engine}`, () => {
    let server: TestServer
    let ctx: Context
    before(async () => {
      server = await start(engine)
      const user = await server.running.parts.db
        .selectFrom('users')
        .selectAll()
        .where('id', '=', server.adminId)
        .executeTakeFirstOrThrow()
      ctx = contextOf(server.running.parts, user)
    })
    after(() => server.close())

    test('walking by cursors while others insert, rename, bin, restore and move shows what stays exactly once, in order', async () => {
      const some = (most: number) => fc.array(item, { maxLength: most })
      const changes = fc.array(change, { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(some(24), some(8), view, changes, async (items, loose, asked, others) => {
          const folder = await openFolder(server, ctx)
          await walkWhileOthersChange(folder, { items, loose, asked, changes: others })
        }),
        { seed, numRuns: 120 },
      )
    })

    test('the bin is walked in the same way', async () => {
      const person = await server.person('walker')
      const { data } = await person.drive.getSpace({ ownerId: person.id })
      const names = Array.from({ length: 25 }, (_, index) => `Item ${(index * 7) % 25}`)
      for (const fileName of names) {
        const made = await person.drive.createFolder({ fileName, fileType: '10', containerId: person.space })
        await binNode(ctx, { id: person.space, rootId: data.rootFileId }, made.id)
      }
      for (const sortType of [1, 2, 3, 4, 5, 6]) {
        for (const sortDirection of [1, 2]) {
          const found: string[] = []
          const fetchPage = (pageCursor: string | undefined) =>
            person.drive.listFiles({
              type: 1,
              containerId: person.space,
              parentFileId: 'root',
              sortInfo: { sortType, sortDirection },
              pageInfo: { pageSize: 4, ...(pageCursor === undefined ? {} : { pageCursor }) },
            })
          for await (const page of pages(fetchPage)) found.push(...page.files.map((file) => file.fileName))
          assert.deepEqual(found.toSorted(), names.toSorted())
          const byName = names.toSorted((a, b) => compareText(nameKey(a), nameKey(b)))
          if (sortType === 1) assert.deepEqual(found, sortDirection === 1 ? byName : byName.toReversed())
        }
      }
    })

    test('a cursor is good for its own list only, and for any page size', async () => {
      const folder = await openFolder(server, ctx)
      const stranger = await openFolder(server, ctx)
      const items = Array.from({ length: 9 }, (_, index) => ({
        name: `a${index}`,
        isFolder: false,
        size: index,
        day: 0,
        fileType: '45',
      }))
      for (const one of [folder, stranger]) await one.fill(items)
      const asked: View = {
        sortType: 1,
        sortDirection: 1,
        foldersFirst: false,
        pageSize: 3,
        fileName: undefined,
        fileType: undefined,
      }
      const { nextCursor = '', files } = await folder.list(asked, undefined)
      assert.deepEqual(
        files.map((file) => file.fileName),
        ['a0', 'a1', 'a2'],
      )
      const larger = await folder.list({ ...asked, pageSize: 5 }, nextCursor)
      assert.deepEqual(
        larger.files.map((file) => file.fileName),
        ['a3', 'a4', 'a5', 'a6', 'a7'],
      )
      for (const first of ['', '0']) assert.deepEqual((await folder.list(asked, first)).files, files)
      const refused = { reason: 'CURSOR_INVALID', code: 13_000_102 }
      await assert.rejects(stranger.list(asked, nextCursor), refused)
      const others: Partial<View>[] = [
        { sortType: 2 },
        { sortType: 4 },
        { sortDirection: 2 },
        { foldersFirst: true },
        { fileName: 'a' },
        { fileType: '45' },
      ]
      for (const other of others) await assert.rejects(folder.list({ ...asked, ...other }, nextCursor), refused)
      const binned = {
        type: 1,
        containerId: folder.space.id,
        parentFileId: 'root',
        pageInfo: { pageCursor: nextCursor },
      }
      await assert.rejects(server.admin.listFiles(binned), refused)
      const flipped = (at: number) =>
        `${nextCursor.slice(0, at)}${nextCursor[at] === 'A' ? 'B' : 'A'}${nextCursor.slice(at + 1)}`
      const spoiled = Array.from(nextCursor).map((_, index) => flipped(index))
      for (const cursor of [
        ...spoiled,
        `${nextCursor}.`,
        `${nextCursor}A`,
        nextCursor.slice(1),
        nextCursor.slice(0, -1),
        '1',
        '.',
        'null',
      ])
        await assert.rejects(folder.list(asked, cursor), refused, cursor)
    })

    test('any text in place of a cursor is refused with its field, never a fault', async () => {
      const folder = await openFolder(server, ctx)
      const asked: View = {
        sortType: 1,
        sortDirection: 1,
        foldersFirst: false,
        pageSize: 3,
        fileName: undefined,
        fileType: undefined,
      }
      await fc.assert(
        fc.asyncProperty(fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }), async (text) => {
          fc.pre(text !== '0' && text.isWellFormed())
          const error = await folder.list(asked, text).catch((caught: unknown) => caught)
          assert.ok(error instanceof DriveError)
          assert.ok(['CURSOR_INVALID', 'PARAMETER_INVALID'].includes(error.reason), error.reason)
        }),
        { seed, numRuns: 60 },
      )
    })
  })
}

function start(engine: Engine): Promise<TestServer> {
  return startTestServer({ engine })
}
