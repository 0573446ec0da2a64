import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLink, openLink, ose } from '../api.ts'
import { probe } from '../compare.ts'
import type { WireRequest } from '../exchange.ts'
import { startLimit } from '../limits.ts'
import type { Program } from '../programs.ts'
import { findDatabase } from '../seed.ts'
import { type Stage, uploadFolder } from '../stage.ts'

const code = 'Bench1Code'

/** A shared folder as a visitor of its link sees it. */
export interface SharedFolder {
  folderId: string
  shortUrl: string
  kdstoken: string
}

/** Shares a folder by a link with a code and opens the link. */
export async function shareFolder({ session, product }: Stage, folderId: string): Promise<SharedFolder> {
  const link = await createLink(session, folderId, code)
  return { folderId, shortUrl: link.shortUrl, kdstoken: await openLink(product.port, link) }
}

/** The request for a page of a folder inside an opened link. */
export function pageRequest(
  { shortUrl, kdstoken }: SharedFolder,
  parentFolder: string,
  order: { sortType: number; sortDirection: number } = { sortType: 1, sortDirection: 1 },
  pageCursor = '',
): WireRequest {
  const fields = { shortUrl, kdstoken, parentFolder, pageSize: 100, ...order, ...(pageCursor && { pageCursor }) }
  return { method: 'POST', path: `${ose}/share/public/files`, body: JSON.stringify(fields) }
}

/** Uploads 100 small files through the API, shares their folder, and returns the request that lists it. */
export async function prepareListing(stage: Stage, name: string): Promise<WireRequest> {
  const { folderId } = await uploadFolder(stage, name, { count: 100, bytes: 64 })
  return pageRequest(await shareFolder(stage, folderId), folderId)
}

/** Asks for a page of 100 and checks that it is one; `link` is its constant part as JSON. */
export async function probePage(port: number, request: WireRequest) {
  const { body, expect } = await probe(port, request)
  const page = JSON.parse(body) as { files?: unknown[]; link?: unknown }
  if (page.files?.length !== 100 || expect.bytes === undefined)
    throw new Error(`not a page of 100: ${body.slice(0, 300)}`)
  return { body, expect, bytes: expect.bytes, link: JSON.stringify(page.link) }
}

/** Starts a limit that makes pages from the product's own database file; `link` is the constant part of each page. */
export async function startPages(stage: Stage, name: 'naive' | 'json', link: string): Promise<Program> {
  const file = join(stage.workDir, `link-${name}.json`)
  writeFileSync(file, link)
  return startLimit(name, stage.workDir, { file: findDatabase(stage.dataDir), link: file })
}
