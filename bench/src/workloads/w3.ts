import { createFolder, ose } from '../api.ts'
import { compare } from '../compare.ts'
import { type WireRequest, writeRequest } from '../exchange.ts'
import type { TimedPage } from '../pages.ts'
import type { Program } from '../programs.ts'
import type { Row } from '../rows.ts'
import { seedChildren } from '../seed.ts'
import { type Stage, uploadFolder } from '../stage.ts'
import { probePage, type SharedFolder, shareFolder, startPages, pageRequest } from './pages.ts'

/** A folder of the workload: so many files that sort before `lastId`, a file that is renamed to make its pages stale. */
interface Folder {
  label: string
  count: number
  shared: SharedFolder
  lastId: string
}

const sorts = [
  { sortType: 1, name: 'name' },
  { sortType: 2, name: 'size' },
  { sortType: 4, name: 'modified' },
]

/** W3: the cost of a page in folders of 100, 100,000 and 1,000,000 children, and a whole folder by its cursors. */
export async function runW3(stage: Stage): Promise<Row[]> {
  const folders = [
    await prepareFolder(stage, '100', 100),
    await prepareFolder(stage, '100,000', 100_000),
    await prepareFolder(stage, '1,000,000', 1_000_000),
  ]
  const template = (await uploadFolder(stage, 'w3-template', { count: 1, bytes: 4096 })).fileIds[0] ?? ''
  stage.say('W3 makes 1,100,100 files in the database …')
  await stage.whileStopped(() => {
    for (const { shared, count } of folders)
      seedChildren(stage.dataDir, { template, parents: [shared.folderId], count })
  })
  const rows: Row[] = []
  for (const { sortType, name } of sorts) rows.push(...(await comparePages(stage, folders, sortType, name)))
  const [, large] = folders
  if (large) rows.push(...(await compareWhole(stage, large)))
  return rows
}

async function prepareFolder(stage: Stage, label: string, count: number): Promise<Folder> {
  const folderId = await createFolder(stage.session, `w3-${count}`)
  const { fileIds } = await uploadLast(stage, folderId)
  return { label, count, shared: await shareFolder(stage, folderId), lastId: fileIds[0] ?? '' }
}

async function uploadLast({ client, product, session }: Stage, folderId: string) {
  const { authorization, containerId } = session
  return await client.run('uploads', {
    port: product.port,
    target: { kind: 'drive', authorization, containerId, folderId },
    count: 1,
    bytes: 2_000_000,
    concurrency: 1,
    withSha256: false,
  })
}

/** Two renames, used in turn: each makes every finished page of the folder stale, and keeps the file the last one. */
function renames({ session }: Stage, { lastId }: Folder): string[] {
  const { authorization, containerId } = session
  return ['zzz-1.bin', 'zzz-2.bin'].map((name) =>
    writeRequest({
      method: 'POST',
      path: `${ose}/files/rename/${lastId}`,
      headers: { authorization },
      body: JSON.stringify({ containerId, name, renameMode: 3 }),
    }),
  )
}

async function comparePages(stage: Stage, folders: Folder[], sortType: number, sortName: string): Promise<Row[]> {
  const order = { sortType, sortDirection: 1 }
  const pages: TimedPage[] = []
  for (const folder of folders) {
    const before = renames(stage, folder)
    const { shared } = folder
    pages.push({
      label: `${folder.label} first`,
      before,
      page: writeRequest(pageRequest(shared, shared.folderId, order)),
    })
    if (folder.count === 100) continue
    const cursor = await findMiddle(stage, folder, order)
    const middle = pageRequest(shared, shared.folderId, order, cursor)
    pages.push({ label: `${folder.label} middle`, before, page: writeRequest(middle) })
  }
  const rounds = stage.options.isShort ? 20 : 40
  const run = (label: string) => async () => {
    const wanted = pages.filter((page) => page.label === label || page.label === '100 first')
    const { latencies } = await stage.client.run('pages', {
      port: stage.product.port,
      pages: wanted,
      rounds,
      rows: 100,
    })
    return latencies
  }
  const rows: Row[] = []
  for (const { label } of pages.slice(1))
    rows.push(await comparePage(stage, `${label} page by ${sortName}`, label, run(label)))
  return rows
}

type Latencies = Record<string, { p50: number; p99: number; p999: number; max: number }>

/** The large and the small page are timed in turn within one slice, so their ratio comes from the same moment. */
async function comparePage(stage: Stage, name: string, label: string, run: () => Promise<Latencies>): Promise<Row> {
  let latest: Latencies = {}
  const of = (key: string) => {
    const latency = latest[key]
    if (!latency) throw new Error(`no times for ${key}`)
    return { value: latency.p50, latency }
  }
  const [row] = await compare(stage, {
    workload: 'W3',
    name,
    unit: 'ms',
    isPaired: true,
    ours: async () => {
      latest = await run()
      return of(label)
    },
    limits: [
      { name: '100 children', run: async () => of('100 first'), target: { sign: '≤', value: 1.2, of: 'ratio' } },
    ],
  })
  if (!row) throw new Error('a comparison without a row')
  return row
}

async function findMiddle(stage: Stage, { shared, count }: Folder, order: { sortType: number; sortDirection: number }) {
  const fields = fieldsOf(pageRequest(shared, shared.folderId, order))
  const job = { port: stage.product.port, request: listing, fields, maxPages: count / 200 }
  return (await stage.client.run('walk', job)).cursor
}

const listing: WireRequest = { method: 'POST', path: `${ose}/share/public/files` }

function fieldsOf({ body = '{}' }: WireRequest): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>
}

async function compareWhole(stage: Stage, folder: Folder): Promise<Row[]> {
  const { shared } = folder
  const request = pageRequest(shared, shared.folderId)
  const naive = await startPages(stage, 'naive', (await probePage(stage.product.port, request)).link)
  const before = renames(stage, folder)
  try {
    return await compare(stage, {
      workload: 'W3',
      name: 'the whole folder of 100,000 by cursors',
      unit: 's',
      ours: async () => ({ value: await walk(stage, stage.product, request, before) }),
      limits: [
        {
          name: 'naive',
          run: async () => ({ value: await walk(stage, naive, request, before) }),
          target: { sign: '≤', value: 1.5, of: 'ratio' },
        },
      ],
    })
  } finally {
    await naive.stop()
  }
}

async function walk(stage: Stage, program: Program, request: WireRequest, before: string[]): Promise<number> {
  const product = stage.product.port
  for (const write of before) {
    const result = await stage.client.run('load', {
      port: product,
      connections: 1,
      requests: [write],
      count: 1,
      expect: { status: 200 },
    })
    if (result.bad > 0) throw new Error(`a rename failed: ${result.firstBad}`)
  }
  const { seconds, rows } = await stage.client.run('walk', {
    port: program.port,
    request: listing,
    fields: fieldsOf(request),
  })
  if (rows !== 100_001) throw new Error(`the walk saw ${rows} rows`)
  return seconds
}
