import { type Drive, pages } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, StatementSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import type { Db, Engine, Schema } from './db/schema.ts'
import { newId, newNodeId } from './ids.ts'
import { nameColumns } from './modules/files/files.nodes.ts'
import { startTestServer, type TestServer, testEngines } from './testing/server.ts'

const many = 20_000
const few = 3

interface Statement {
  text: string
  values: unknown[]
}

let recorded: Statement[] | undefined

/** Hears every statement that reaches an engine: there is no way around these methods. */
function listen(): void {
  type Run = (this: StatementSync, ...values: SQLInputValue[]) => unknown
  const methods = StatementSync.prototype as unknown as Record<'all' | 'run' | 'get', Run>
  for (const name of ['all', 'run', 'get'] as const) {
    const original = methods[name]
    methods[name] = function record(this: StatementSync, ...values: SQLInputValue[]) {
      recorded?.push({ text: this.sourceSQL, values })
      return original.apply(this, values)
    }
  }
  const query = pg.Client.prototype.query as (this: pg.Client, ...words: unknown[]) => never
  pg.Client.prototype.query = function record(this: pg.Client, ...words: unknown[]): never {
    const [first, second] = words as [string | { text: string; values?: unknown[] }, unknown]
    const text = typeof first === 'string' ? first : first.text
    const values = typeof first === 'string' ? second : first.values
    recorded?.push({ text, values: Array.isArray(values) ? values : [] })
    return query.apply(this, words)
  }
}

/** The statements of one call; those of the runner that looks for jobs at any time are left out. */
async function statementsOf(call: () => Promise<unknown>): Promise<Statement[]> {
  recorded = []
  await call()
  const own = recorded.filter(({ text }) => !text.includes('lease_until'))
  recorded = undefined
  return own
}

/** Rows in batches that both engines take. */
async function insertRows<T extends keyof Schema>(db: Db, table: T, rows: Schema[T][]): Promise<void> {
  for (let at = 0; at < rows.length; at += 500) {
    const batch = rows.slice(at, at + 500) as never[]
    await db.insertInto(table).values(batch).execute()
  }
}

interface Place {
  spaceId: string
  userId: string
}

function nodeOf(place: Place, parentId: string, number: number): Schema['nodes'] {
  const isFolder = number % 10 === 0
  const at = new Date(1_700_000_000_000 + number * 7919).toISOString()
  const bySize = (number * 104_729) % 1_000_003
  return {
    id: newNodeId(),
    space_id: place.spaceId,
    parent_id: parentId,
    ...nameColumns(`${(number * 7919) % 20_011} item ${number}.${['txt', 'pdf', 'bin'][number % 3]}`, isFolder),
    is_folder: isFolder ? 1 : 0,
    file_type: isFolder ? '10' : '45',
    mime_type: 'text/plain',
    size: isFolder ? 0 : bySize,
    blob_key: null,
    description: '',
    created_at: at,
    created_by: place.userId,
    edited_at: new Date(1_700_000_000_000 + bySize * 1000).toISOString(),
    edited_by: place.userId,
    recycled_at: null,
    recycled_by: null,
    recycled_parent_name: null,
    source_id: null,
    children_version: 0,
  }
}

interface World {
  server: TestServer
  /** Folders of `few` and of `many` children, and links that hold them. */
  folders: Record<number, string>
  links: Record<number, string>
  /** Spaces with that many items in the bin, and their owners. */
  bins: Record<number, { drive: Drive; space: string }>
  groups: Record<number, string>
  departments: Record<number, string>
  explain(statement: Statement): Promise<string[]>
}

async function build(engine: Engine): Promise<World> {
  const server = await startTestServer({ engine })
  const { admin, adminId, adminSpace } = server
  const { db } = server.running.parts
  const root = (await admin.listDepartments()).list[0]?.id ?? ''
  const world: Pick<World, 'folders' | 'links' | 'bins' | 'groups' | 'departments'> = {
    folders: {},
    links: {},
    bins: {},
    groups: {},
    departments: {},
  }
  const userIds = await addPeople(db, root)
  for (const size of [few, many]) {
    const name = `folder of ${size}`
    const folder = await admin.createFolder({ fileName: name, fileType: '10', containerId: adminSpace })
    const place = { spaceId: adminSpace, userId: adminId }
    await insertRows(
      db,
      'nodes',
      Array.from({ length: size }, (_, number) => nodeOf(place, folder.id, number)),
    )
    world.folders[size] = folder.id
    const share = { scope: 1, fileIds: [folder.id], containerId: adminSpace, validDays: 7 }
    world.links[size] = (await admin.createShare(share)).shareLink.shortUrl
    world.bins[size] = await fillBin(server, size)
    const { id } = await admin.createGroup({ groupName: name, sourceType: 1 })
    const members = userIds.slice(0, size)
    const at = new Date().toISOString()
    await insertRows(
      db,
      'user_group_members',
      members.map((user_id) => ({ group_id: id, user_id, created_at: at })),
    )
    world.groups[size] = id
    world.departments[size] = (await admin.createDepartment({ name: `department ${size}`, parentId: root })).data.id
  }
  await sql`update users set department_id = ${world.departments[many] ?? ''} where account_fold like 'person%'`.execute(
    db,
  )
  // PostgreSQL does so by itself after a while, SQLite never
  if (engine === 'postgres') await sql`analyze`.execute(db)
  return { server, ...world, explain: engine === 'postgres' ? explainPostgres(db) : explainSqlite(server) }
}

async function addPeople(db: Db, departmentId: string): Promise<string[]> {
  const at = new Date().toISOString()
  const people = Array.from({ length: many }, (_, number) => ({
    id: newId(),
    account: `person${number}`,
    account_fold: `person${number}`,
    name: `Person ${number % 5000}`,
    name_fold: `person ${number % 5000}`,
    department_id: departmentId,
    role: 1,
    status: 0,
    mobile: '',
    email: '',
    password_hash: '',
    created_at: at,
    updated_at: at,
  }))
  await insertRows(db, 'users', people)
  return people.map((person) => person.id)
}

async function fillBin(server: TestServer, size: number): Promise<{ drive: Drive; space: string }> {
  const person = await server.person(`bin${size}`)
  const place = { spaceId: person.space, userId: person.id }
  const items = Array.from({ length: size }, (_, number) => ({
    ...nodeOf(place, person.space, number),
    recycled_at: new Date(1_710_000_000_000 + ((number * 31) % 9973) * 1000).toISOString(),
    recycled_by: person.id,
  }))
  await insertRows(server.running.parts.db, 'nodes', items)
  const jobs = Array.from({ length: size }, () => jobOf(person.id, person.space))
  await insertRows(server.running.parts.db, 'jobs', jobs)
  return { drive: person.drive, space: person.space }
}

function jobOf(ownerId: string, spaceId: string): Schema['jobs'] {
  const at = new Date().toISOString()
  return {
    id: newId(),
    kind: 2,
    action: 201,
    owner_id: ownerId,
    status: 2,
    result: 1,
    error_code: 0,
    total: 1,
    done: 1,
    failed: 0,
    source_space_id: spaceId,
    target_space_id: spaceId,
    target_id: '',
    created_at: at,
    started_at: at,
    ended_at: at,
    lease_until: null,
    lease_owner: null,
  }
}

function explainSqlite(server: TestServer): World['explain'] {
  const database = new DatabaseSync(join(server.dataFolder, 'driveway.db'), { readOnly: true, timeout: 5000 })
  return async ({ text, values }) => {
    const rows = database.prepare(`explain query plan ${text}`).all(...(values as SQLInputValue[]))
    return rows.map((row) => String(row.detail))
  }
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  Plans?: PlanNode[]
}

function explainPostgres(db: Db): World['explain'] {
  return ({ text, values }) =>
    db.transaction().execute(async (tx) => {
      // so that a table is read from end to end only where no index would do
      await sql`set local enable_seqscan = off`.execute(tx)
      const pieces = text.split(/\$\d+/)
      const order = [...text.matchAll(/\$(\d+)/g)].map((match) => Number(match[1]))
      const parameters = order.map((number) => values[number - 1])
      const query = sql.join(
        pieces.flatMap((piece, index) => [
          sql.raw(piece),
          ...(index < order.length ? [sql`${parameters[index]}`] : []),
        ]),
        sql.raw(''),
      )
      const { rows } = await sql<{ 'QUERY PLAN': { Plan: PlanNode }[] }>`explain (format json) ${query}`.execute(tx)
      const [plan] = rows[0]?.['QUERY PLAN'] ?? []
      return plan ? linesOf(plan.Plan) : []
    })
}

function linesOf(node: PlanNode): string[] {
  return [`${node['Node Type']} ${node['Relation Name'] ?? ''}`.trim(), ...(node.Plans ?? []).flatMap(linesOf)]
}

/** Tables that grow with an enterprise: reading one from end to end for a page is a fault. */
const large =
  'nodes|users|user_group_members|jobs|job_items|shares|share_items|share_receivers|departments|spaces|sessions|blobs'
const aliases = `${large}|n|d|r|u|creator|editor`
const fullScans = [new RegExp(`^SCAN (${aliases})(?! USING)( |$)`), new RegExp(`^(Parallel )?Seq Scan (${large})$`)]
const indexScans = [new RegExp(`^SCAN (${aliases}) USING`)]
const sqliteSorts = [/^USE TEMP B-TREE FOR /]
const sorts: Record<Strictness, RegExp[]> = {
  keyset: [...sqliteSorts, /^(Incremental )?Sort$/],
  numbered: [...sqliteSorts, /^(Incremental )?Sort$/],
  filtered: sqliteSorts,
  bounded: [],
}

type Strictness = 'keyset' | 'filtered' | 'numbered' | 'bounded'

/** Faults of a plan. Walks from a node up to its root have 30 steps at most and may be sorted. */
async function faultsOf(world: World, statement: Statement, strictness: Strictness): Promise<string[]> {
  if (!/^\s*(select|with)\b/i.test(statement.text)) return []
  const lines = await world.explain(statement)
  const isWalk = /^\s*with recursive/i.test(statement.text)
  const isOrdered = /order by/i.test(statement.text)
  const forbidden = [
    ...fullScans,
    ...(strictness === 'keyset' || strictness === 'filtered' ? indexScans : []),
    ...(isWalk || !isOrdered ? [] : sorts[strictness]),
  ]
  return lines.filter((line) => forbidden.some((pattern) => pattern.test(line)))
}

interface List {
  name: string
  /**
   * `keyset`: goes on from a cursor. `filtered`: as that, but looks at up to 5,000 entries, which PostgreSQL may rather sort.
   * `numbered`: skips as many as the vendor's page says, along an index. `bounded`: sorts
   * what a limit of the product keeps small.
   */
  strictness: Strictness
  fetch(
    world: World,
    size: number,
    page: { size: number; cursor: string | undefined },
  ): Promise<{ nextCursor?: string }>
}

const sortNames: Record<number, string> = {
  1: 'name',
  2: 'size',
  3: 'creation',
  4: 'change',
  5: 'binning',
  6: 'format',
}
const directions: [number, string][] = [
  [1, 'ascending'],
  [2, 'descending'],
]

function folderLists(): List[] {
  return [1, 2, 3, 4, 6].flatMap((sortType) =>
    directions.flatMap(([sortDirection, direction]) =>
      [false, true].map((foldersFirst) => ({
        name: `a folder by ${sortNames[sortType]}, ${direction}${foldersFirst ? ', folders first' : ''}`,
        strictness: 'keyset' as const,
        fetch: ({ server, folders }: World, size: number, page: { size: number; cursor: string | undefined }) =>
          server.admin.listFiles({
            type: 0,
            containerId: server.adminSpace,
            parentFileId: folders[size] ?? '',
            sortInfo: { sortType, sortDirection },
            pageInfo: { pageSize: page.size, ...(page.cursor ? { pageCursor: page.cursor } : {}) },
            foldersFirst,
          }),
      })),
    ),
  )
}

const filteredLists: List[] = [
  {
    name: 'a folder, filtered by name and kind',
    strictness: 'filtered',
    fetch: ({ server, folders }, size, page) =>
      server.admin.listFiles({
        type: 0,
        containerId: server.adminSpace,
        parentFileId: folders[size] ?? '',
        fileName: 'item 1',
        fileType: '45',
        pageInfo: { pageSize: page.size, ...(page.cursor ? { pageCursor: page.cursor } : {}) },
      }),
  },
  {
    name: 'a shared folder, filtered by name',
    strictness: 'filtered',
    fetch: ({ server, folders, links }, size, page) =>
      server.anonymous.listShareFilesPublic({
        shortUrl: links[size] ?? '',
        parentFolder: folders[size] ?? '',
        fileName: 'no item has this name',
        pageSize: page.size,
        ...(page.cursor ? { pageCursor: page.cursor } : {}),
      }),
  },
  {
    name: 'the top of a share',
    strictness: 'keyset',
    fetch: ({ server, links }, size, page) =>
      server.anonymous.listShareFilesPublic({ shortUrl: links[size] ?? '', pageSize: page.size }),
  },
]

function shareLists(): List[] {
  return [1, 2, 4].flatMap((sortType) =>
    directions.flatMap(([sortDirection, direction]) =>
      [false, true].map((foldersFirst) => ({
        name: `a shared folder by ${sortNames[sortType]}, ${direction}${foldersFirst ? ', folders first' : ''}`,
        strictness: 'keyset' as const,
        fetch: ({ server, folders, links }: World, size: number, page: { size: number; cursor: string | undefined }) =>
          server.anonymous.listShareFilesPublic({
            shortUrl: links[size] ?? '',
            parentFolder: folders[size] ?? '',
            sortType,
            sortDirection,
            pageSize: page.size,
            foldersFirst,
            ...(page.cursor ? { pageCursor: page.cursor } : {}),
          }),
      })),
    ),
  )
}

function binLists(): List[] {
  return [1, 2, 3, 4, 5, 6].flatMap((sortType) =>
    directions.map(([sortDirection, direction]) => ({
      name: `the bin by ${sortNames[sortType]}, ${direction}`,
      strictness: 'keyset' as const,
      fetch: ({ bins }: World, size: number, page: { size: number; cursor: string | undefined }) => {
        const { drive, space } = bins[size] ?? assert.fail()
        return drive.listFiles({
          type: 1,
          containerId: space,
          parentFileId: 'root',
          sortInfo: { sortType, sortDirection },
          pageInfo: { pageSize: page.size, ...(page.cursor ? { pageCursor: page.cursor } : {}) },
        })
      },
    })),
  )
}

/** Pages by number as pages by cursor: the cursor is the number of rows to skip. */
function numbered(
  call: (world: World, size: number, page: { offset: number; limit: number }) => Promise<{ count: number }>,
): List['fetch'] {
  return async (world, size, page) => {
    const offset = Number(page.cursor ?? 0)
    const { count } = await call(world, size, { offset, limit: page.size })
    return count === page.size ? { nextCursor: String(offset + count) } : {}
  }
}

const peopleList: List[] = [
  {
    name: 'people of a department',
    strictness: 'keyset',
    fetch: numbered(async ({ server, departments }, size, page) => {
      const deptId = departments[size] ?? ''
      return { count: (await server.admin.listPeople({ deptId, isDirect: true, ...page })).list.length }
    }),
  },
  {
    name: 'people of a department and those below',
    strictness: 'bounded',
    fetch: numbered(async ({ server, departments }, size, page) => ({
      count: (await server.admin.listPeople({ deptId: departments[size] ?? '', ...page })).list.length,
    })),
  },
  {
    name: 'everybody',
    strictness: 'numbered',
    fetch: numbered(async ({ server }, _size, page) => ({ count: (await server.admin.listPeople(page)).list.length })),
  },
  {
    name: 'accounts',
    strictness: 'keyset',
    fetch: ({ server }, _size, page) =>
      server.admin.listUsers({ pageSize: page.size, ...(page.cursor ? { pageCursor: page.cursor } : {}) }),
  },
  {
    name: 'user groups',
    strictness: 'bounded',
    fetch: ({ server }, _size, page) =>
      server.admin.listGroups({
        sourceType: 1,
        pageSize: page.size,
        ...(page.cursor ? { pageCursor: page.cursor } : {}),
      }),
  },
  {
    name: 'members of a group',
    strictness: 'bounded',
    fetch: numbered(async ({ server, groups }, size, page) => ({
      count: (await server.admin.listGroupMembers({ groupId: groups[size] ?? '', ...page })).userGroupMemberInfos
        .length,
    })),
  },
  {
    name: 'departments',
    strictness: 'bounded',
    fetch: async ({ server }) => {
      await server.admin.listDepartments()
      return {}
    },
  },
  {
    name: 'jobs',
    strictness: 'keyset',
    fetch: numbered(async ({ bins }, size, page) => ({
      count: (await (bins[size] ?? assert.fail()).drive.listJobs(page)).data.length,
    })),
  },
]

const lists: List[] = [...folderLists(), ...filteredLists, ...shareLists(), ...binLists(), ...peopleList]

function textsOf(statements: Statement[]): string {
  return statements
    .map(({ text }) => text.replaceAll(/\s+/g, ' '))
    .toSorted()
    .join('\n')
}

before(listen)

for (const engine of testEngines()) {
  describe(`what lists cost on ${engine}`, () => {
    let world: World
    before(async () => {
      world = await build(engine)
    })
    after(() => world.server.close())

    for (const list of lists) {
      test(`a page of ${list.name} takes the same statements whatever the size, along an index`, async () => {
        const seen: Statement[] = []
        const counts: number[] = []
        const pageOf = async (size: number, pageSize: number, cursor?: string): Promise<string | undefined> => {
          let next: string | undefined
          const statements = await statementsOf(async () => {
            next = (await list.fetch(world, size, { size: pageSize, cursor })).nextCursor
          })
          seen.push(...statements)
          counts.push(statements.length)
          return next
        }
        const second = await pageOf(few, 2)
        if (second !== undefined) await pageOf(few, 2, second)
        const ofFew = Math.max(...counts)
        await pageOf(many, 2)
        const next = await pageOf(many, 99)
        const third = next === undefined ? undefined : await pageOf(many, 100, next)
        if (third !== undefined) await pageOf(many, 7, third)
        // one more tells whether there is a next page; two lists in one, folders and files, take as many again
        const isGrouped = list.name.includes('folders first')
        assert.ok(Math.max(...counts) <= ofFew + (isGrouped ? 2 : 1), textsOf(seen))
        assert.ok(Math.max(...counts) <= (isGrouped ? 8 : 6), textsOf(seen))
        const unique = new Map(seen.map((statement) => [statement.text, statement]))
        for (const statement of unique.values())
          assert.deepEqual(await faultsOf(world, statement, list.strictness), [], statement.text)
      })
    }

    test('the last page of a folder of 20,000 costs what the first does', async () => {
      const list = lists.find(({ name }) => name === 'a shared folder by name, ascending') ?? assert.fail()
      const sizes: number[] = []
      let items = 0
      for await (const page of pages(async (cursor) => {
        let answer: { nextCursor?: string; files?: unknown[] } = {}
        const statements = await statementsOf(async () => {
          answer = await list.fetch(world, many, { size: 100, cursor })
        })
        sizes.push(statements.length)
        return answer
      }))
        items += page.files?.length ?? 0
      assert.equal(items, many)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    })
  })
}
