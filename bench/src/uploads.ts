import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Caller, openCaller, readJson } from './caller.ts'
import { writeRequest } from './exchange.ts'
import { readCpuSeconds } from './proc.ts'
import { type Latency, summariseLatency } from './statistics.ts'

const ose = '/koodrive/ose/v1'
const mebibyte = 1024 * 1024

/** Where files go: into the drive by create, PUT and complete, or to the `pipe` limit by one PUT. */
export type UploadTarget =
  | { kind: 'drive'; authorization: string; containerId: string; folderId: string }
  | { kind: 'pipe' }

/** Uploads `count` different files of `bytes` bytes, `concurrency` at a time. */
export interface UploadJob {
  port: number
  target: UploadTarget
  count: number
  bytes: number
  concurrency: number
  /** Send the SHA-256 with `complete`, which the server then checks; it is computed before the clock starts. */
  withSha256: boolean
  cpuPid?: number
}

/** What an upload slice measured; a failed call rejects the whole slice. */
export interface UploadResult {
  seconds: number
  rate: number
  megabytesPerSecond: number
  latency: Latency
  cpuMsPerFile: number
  fileIds: string[]
}

interface Content {
  name: string
  /** The first block, different in every file; the rest repeats `filler`. */
  head: Buffer
  sha256: string
}

const filler = randomBytes(mebibyte)

/** Runs one slice of uploads in this process. */
export async function runUploads(job: UploadJob): Promise<UploadResult> {
  const contents = Array.from({ length: job.count }, (_, index) => createContent(job, index))
  const callers = Array.from({ length: job.concurrency }, () => openCaller(job.port))
  const latencies: number[] = []
  const fileIds: string[] = []
  const cpuBefore = readCpuSeconds(job.cpuPid)
  const startedAt = performance.now()
  await Promise.all(
    callers.map(async (caller) => {
      for (let content = contents.pop(); content; content = contents.pop()) {
        const begunAt = performance.now()
        fileIds.push(await upload(job, caller, content))
        latencies.push(performance.now() - begunAt)
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const cpuSeconds = readCpuSeconds(job.cpuPid) - cpuBefore
  for (const caller of callers) caller.close()
  return {
    seconds,
    rate: job.count / seconds,
    megabytesPerSecond: (job.count * job.bytes) / 1e6 / seconds,
    latency: summariseLatency(latencies),
    cpuMsPerFile: (cpuSeconds * 1000) / job.count,
    fileIds,
  }
}

function createContent({ bytes, withSha256 }: UploadJob, index: number): Content {
  const unique = randomBytes(16)
  const head = Buffer.from(filler.subarray(0, Math.min(bytes, mebibyte)))
  unique.copy(head)
  const name = `bench-${index}-${unique.toString('hex')}.bin`
  if (!withSha256) return { name, head, sha256: '' }
  const hash = createHash('sha256').update(head)
  for (let at = head.length; at < bytes; at += mebibyte) hash.update(filler.subarray(0, Math.min(mebibyte, bytes - at)))
  return { name, head, sha256: hash.digest('hex') }
}

async function upload(job: UploadJob, caller: Caller, content: Content): Promise<string> {
  if (job.target.kind === 'pipe') {
    await put(job, caller, `/${content.name}`, content)
    return content.name
  }
  const { authorization, containerId, folderId } = job.target
  const headers = { authorization }
  const created = await caller.call({
    method: 'POST',
    path: `${ose}/files/create`,
    headers,
    body: JSON.stringify({
      fileName: content.name,
      fileType: '45',
      parentFolder: [folderId],
      containerId,
      length: job.bytes,
      uploadMode: 'put',
      uploadType: 0,
      autoRename: 3,
      multiParts: [{ partNumber: 1, partSize: job.bytes }],
    }),
  })
  const started = readJson(created, 'create') as { fileId: string; multiParts: { uploadUrl: string }[] }
  const url = new URL(started.multiParts[0]?.uploadUrl ?? '', 'http://127.0.0.1')
  await put(job, caller, `${url.pathname}${url.search}`, content)
  const body = JSON.stringify({ fileId: started.fileId, ...(content.sha256 && { sha256: content.sha256 }) })
  readJson(await caller.call({ method: 'POST', path: `${ose}/files/complete`, headers, body }), 'complete')
  return started.fileId
}

async function put(job: UploadJob, caller: Caller, path: string, content: Content): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(job.bytes) }
  const answer = await caller.call(writeRequest({ method: 'PUT', path, headers }), (socket) =>
    sendContent(socket, content, job.bytes),
  )
  if (answer.status >= 300) throw new Error(`PUT: HTTP ${answer.status} ${answer.body.slice(0, 300)}`)
}

async function sendContent(socket: Socket, { head }: Content, bytes: number): Promise<void> {
  for (let at = 0; at < bytes; at += mebibyte) {
    const block = at === 0 ? head : filler.subarray(0, Math.min(mebibyte, bytes - at))
    if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve))
  }
}
