import { createFolder } from '../api.ts'
import { compareLoads, probe } from '../compare.ts'
import { writeRequest } from '../exchange.ts'
import { startBuffer } from '../limits.ts'
import type { Program } from '../programs.ts'
import type { Row } from '../rows.ts'
import { seedChildren, seedFolders } from '../seed.ts'
import { type Stage, uploadFolder } from '../stage.ts'
import { pageRequest, prepareListing, probePage, type SharedFolder, shareFolder, startPages } from './pages.ts'

/** W2: list a shared folder of 100 files, while nothing changes and when every page is asked for the first time. */
export async function runW2(stage: Stage): Promise<Row[]> {
  return [...(await compareUnchanged(stage)), ...(await compareFirstTime(stage))]
}

async function compareUnchanged(stage: Stage): Promise<Row[]> {
  const request = await prepareListing(stage, 'w2')
  const { body, expect, bytes } = await probePage(stage.product.port, request)
  const buffer = await startBuffer(stage.workDir, body)
  const requests = [writeRequest(request)]
  try {
    return await compareLoads(stage, {
      workload: 'W2',
      name: 'page of 100, nothing changes',
      ours: { program: stage.product, requests, expect },
      limits: [{ name: 'buffer', program: buffer, requests, expect, target: { sign: '≥', value: 0.5, of: 'ratio' } }],
      note: `${bytes} bytes of JSON per page`,
    })
  } finally {
    await buffer.stop()
  }
}

const orders = [1, 2, 4].flatMap((sortType) => [1, 2].map((sortDirection) => ({ sortType, sortDirection })))

/** Folders with 100 files each, made in the database: with six orders enough pages that none comes twice in a slice. */
export async function seedManyFolders(stage: Stage, count: number): Promise<{ shared: SharedFolder; ids: string[] }> {
  const top = await createFolder(stage.session, 'w2-many')
  const template = (await uploadFolder(stage, 'w2-template', { count: 1, bytes: 4096 })).fileIds[0] ?? ''
  const shared = await shareFolder(stage, top)
  let ids: string[] = []
  await stage.whileStopped(() => {
    ids = seedFolders(stage.dataDir, { template: top, parent: top, count })
    seedChildren(stage.dataDir, { template, parents: ids, count: 100 })
  })
  return { shared, ids }
}

async function compareFirstTime(stage: Stage): Promise<Row[]> {
  const { shared, ids } = await seedManyFolders(stage, stage.options.isShort ? 1000 : 3000)
  const requests = orders.flatMap((order) => ids.map((id) => writeRequest(pageRequest(shared, id, order))))
  const sample = pageRequest(shared, ids[0] ?? '')
  const { expect, link } = await probePage(stage.product.port, sample)
  const limits: Program[] = []
  try {
    const naive = await startPages(stage, 'naive', link)
    limits.push(naive)
    const json = await startPages(stage, 'json', link)
    limits.push(json)
    return await compareLoads(stage, {
      workload: 'W2',
      name: 'page of 100, each for the first time',
      ours: { program: stage.product, requests, expect },
      limits: [
        {
          name: 'naive',
          program: naive,
          requests,
          expect: (await probe(naive.port, sample)).expect,
          target: { sign: '≥', value: 1.8, of: 'ratio' },
        },
        {
          name: 'json',
          program: json,
          requests,
          expect: (await probe(json.port, sample)).expect,
          target: { sign: '≥', value: 0.75, of: 'ratio' },
        },
      ],
      note: `${requests.length} different pages (${ids.length} folders in 6 orders) in turn`,
    })
  } finally {
    for (const limit of limits) await limit.stop()
  }
}
