import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder, createLink, findDownloadPath, type Link, openLink, ose } from '../api.ts'
import { compare, compareLoads, probe, type Side, type Slice } from '../compare.ts'
import { type WireRequest, writeRequest } from '../exchange.ts'
import { hasNginx, startBuffer, startLimit, startNginx } from '../limits.ts'
import type { Program } from '../programs.ts'
import type { Row } from '../rows.ts'
import { type Stage, uploadFolder, uploadInto } from '../stage.ts'

const code = 'Bench1Code'

/** W5: downloads through a link with a code, small and large, whole and in part. */
export async function runW5(stage: Stage): Promise<Row[]> {
  return [...(await compareSmall(stage)), ...(await compareLarge(stage))]
}

async function compareSmall(stage: Stage): Promise<Row[]> {
  const { port } = stage.product
  const { fileIds } = await uploadFolder(stage, 'w5', { count: 1, bytes: 4096 })
  const fileId = fileIds[0] ?? ''
  const link = await createLink(stage.session, fileId, code)
  const kdstoken = await openLink(port, link)
  const address: WireRequest = {
    method: 'POST',
    path: `${ose}/share/public/download`,
    body: JSON.stringify({ shareId: link.shareId, fileId, kdstoken }),
  }
  const download: WireRequest = { method: 'GET', path: await findDownloadPath(port, link, fileId, kdstoken) }
  return [
    ...(await compareWithBuffer(stage, 'download of 4 KiB', download, 0.4)),
    ...(await compareWithBuffer(stage, 'address of a download', address)),
  ]
}

async function compareWithBuffer(stage: Stage, name: string, request: WireRequest, target?: number): Promise<Row[]> {
  const { body, expect } = await probe(stage.product.port, request)
  if (expect.status !== 200) throw new Error(`${name}: HTTP ${expect.status} ${body.slice(0, 300)}`)
  const bytes = target === undefined ? body : Buffer.alloc(expect.bytes ?? 0, 'x')
  const buffer = await startBuffer(stage.workDir, bytes)
  const requests = [writeRequest(request)]
  try {
    return await compareLoads(stage, {
      workload: 'W5',
      name,
      ours: { program: stage.product, requests, expect },
      limits: [
        {
          name: 'buffer',
          program: buffer,
          requests,
          expect,
          ...(target !== undefined && { target: { sign: '≥', value: target, of: 'ratio' } }),
        },
      ],
    })
  } finally {
    await buffer.stop()
  }
}

/** The large file as the product keeps it, and the same number of bytes in a plain file for the limits. */
interface LargeFile {
  bytes: number
  link: Link
  fileId: string
  folder: string
  limits: Program[]
}

async function compareLarge(stage: Stage): Promise<Row[]> {
  const bytes = stage.options.isShort ? 2 ** 28 : 2 ** 30
  const folderId = await createFolder(stage.session, 'w5-large')
  const fileId = (await uploadInto(stage, folderId, { count: 1, bytes })).fileIds[0] ?? ''
  const link = await createLink(stage.session, fileId, code)
  const folder = join(stage.workDir, 'plain')
  mkdirSync(folder, { recursive: true })
  execFileSync('sh', ['-c', 'head -c "$1" /dev/urandom > "$2"', 'sh', String(bytes), join(folder, 'large.bin')])
  const limits = [await startLimit('pipe', stage.workDir, { folder })]
  try {
    if (hasNginx) limits.push(await startNginx(stage.workDir, folder))
    const file: LargeFile = { bytes, link, fileId, folder, limits }
    const rows = [
      ...(await compareTransfer(stage, file, 'whole')),
      ...(await compareTransfer(stage, file, 'second half by Range')),
    ]
    return hasNginx ? [...rows, ...(await compareAccelerated(stage, file))] : rows
  } finally {
    for (const limit of limits) await limit.stop()
  }
}

type Part = 'whole' | 'second half by Range'

function createTransfer(
  stage: Stage,
  { bytes }: LargeFile,
  part: Part,
  program: () => { port: number; path: string; pid?: number },
) {
  const half = bytes / 2
  const headers: Record<string, string> = part === 'whole' ? {} : { range: `bytes=${half}-${bytes - 1}` }
  const expect = part === 'whole' ? { status: 200, bytes } : { status: 206, bytes: bytes - half }
  return async (): Promise<Slice> => {
    const { port, path, pid } = program()
    const request = writeRequest({ method: 'GET', path, headers })
    const result = await stage.client.run('load', {
      port,
      connections: 1,
      requests: [request],
      count: 1,
      expect,
      ...(pid !== undefined && { cpuPid: pid }),
    })
    if (result.bad > 0) throw new Error(`download: ${result.firstBad}`)
    return { value: expect.bytes / 1e6 / result.seconds, ...(pid !== undefined && { cpuMs: result.cpuMsPerRequest }) }
  }
}

async function compareTransfer(stage: Stage, file: LargeFile, part: Part): Promise<Row[]> {
  const { product } = stage
  const kdstoken = await openLink(product.port, file.link)
  const path = await findDownloadPath(product.port, file.link, file.fileId, kdstoken)
  const sides = file.limits.map((limit, index): Side => {
    const isPipe = index === 0
    const run = createTransfer(stage, file, part, () => ({
      port: limit.port,
      path: '/large.bin',
      ...(isPipe && { pid: limit.pid }),
    }))
    if (!isPipe) return { name: 'nginx', run }
    return { name: 'pipe', run, target: { sign: '≥', value: 0.95, of: 'ratio' } }
  })
  return await compare(stage, {
    workload: 'W5',
    name: `download of ${sizeName(file.bytes)}, ${part}`,
    unit: 'MB/s',
    ours: createTransfer(stage, file, part, () => ({ port: product.port, path, pid: product.pid })),
    limits: sides,
  })
}

/** The documented set-up behind nginx: the product decides, nginx sends the bytes. */
async function compareAccelerated(stage: Stage, file: LargeFile): Promise<Row[]> {
  await stage.whileStopped(() => {}, { DRIVEWAY_ACCEL_PREFIX: '/blobs' })
  const { port } = stage.product
  const blobs = join(stage.dataDir, 'blobs')
  const front = await startNginx(stage.workDir, file.folder, { port, blobs })
  const path = await findDownloadPath(port, file.link, file.fileId, await openLink(port, file.link))
  try {
    const rows: Row[] = []
    for (const part of ['whole', 'second half by Range'] as const) {
      const plain = createTransfer(stage, file, part, () => ({ port: front.port, path: '/plain/large.bin' }))
      rows.push(
        ...(await compare(stage, {
          workload: 'W5',
          name: `download of ${sizeName(file.bytes)} by X-Accel-Redirect, ${part}`,
          unit: 'MB/s',
          ours: createTransfer(stage, file, part, () => ({ port: front.port, path })),
          limits: [{ name: 'nginx', run: plain, target: { sign: '≥', value: 0.95, of: 'ratio' } }],
        })),
      )
    }
    return rows
  } finally {
    await front.stop()
    await stage.whileStopped(() => {})
  }
}

function sizeName(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GiB` : `${bytes / 2 ** 20} MiB`
}
