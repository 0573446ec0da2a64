import { create as contentDisposition } from 'content-disposition'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OutgoingHttpHeaders } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { type FileHandle, open as openFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { BlobMissingError, type ByteRange } from '../blobs/blob-store.ts'
import { BoundedCache } from '../bounded-cache.ts'
import { readByteToken } from '../byte-tokens.ts'
import { type Context, type Parts, systemContext } from '../context.ts'
import { DriveError } from '../errors.ts'
import { countShareDownload } from '../modules/shares/shares.counts.ts'
import { openShareDownload } from '../modules/shares/shares.downloads.ts'
import { type Content, openOwnDownload } from '../modules/transfers/transfers.downloads.ts'
import { receivePart } from '../modules/transfers/transfers.receive.ts'
import { sendFailure } from './mount.ts'
import { readRange } from './range.ts'
import { sendFile } from './send-file.ts'

const largestPart = 5 * 1024 ** 3
const smallSize = 64 * 1024
const smallContents = new BoundedCache<{ bytes: Buffer }>(32 * 1024 * 1024)

/** The signed addresses that take and give bytes when the blob store does not do so itself (decision F1). */
export async function mountBytes(app: FastifyInstance, parts: Parts): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // the body is a stream of the caller's bytes, whatever type it is given
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body))
    scope.route({
      method: 'PUT',
      url: '/bytes/upload/:token',
      bodyLimit: largestPart,
      handler: (request, reply) => answer(request, reply, () => takePart(parts, request, reply)),
    })
    scope.route({
      method: ['GET', 'HEAD'],
      url: '/bytes/download/:token/:name',
      exposeHeadRoute: false,
      handler: (request, reply) => answer(request, reply, () => giveContent(parts, request, reply)),
    })
  })
}

async function answer(request: FastifyRequest, reply: FastifyReply, work: () => Promise<void>): Promise<FastifyReply> {
  try {
    await work()
  } catch (error) {
    if (reply.raw.headersSent || reply.raw.destroyed) reply.raw.destroy()
    else sendFailure(reply, request, error)
  }
  return reply
}

async function takePart(parts: Parts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const grant = readByteToken(parts, (request.params as { token: string }).token)
  if (grant?.kind !== 'put') throw new DriveError('UPLOAD_LINK_DEAD')
  const length = request.headers['content-length']
  await receivePart(systemContext(parts), grant, request.raw, length === undefined ? undefined : Number(length))
  reply.code(200).header('content-length', '0').send()
}

interface Opened {
  content: Content
  /** What to do when the whole body was sent. */
  whenSent: () => void
}

async function open(parts: Parts, token: string): Promise<Opened> {
  const grant = readByteToken(parts, token)
  const ctx: Context = systemContext(parts)
  if (grant?.kind === 'own') return { content: await openOwnDownload(ctx, grant), whenSent: () => undefined }
  if (grant?.kind !== 'share') throw new DriveError('DOWNLOAD_LINK_DEAD')
  return { content: await openShareDownload(ctx, grant), whenSent: () => countShareDownload(parts, grant.shareId) }
}

async function giveContent(parts: Parts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { content, whenSent } = await open(parts, (request.params as { token: string }).token)
  const etag = `"${content.sha256}"`
  setHeaders(reply, content, etag)
  if (request.headers['if-none-match'] === etag) {
    reply.code(304).send()
    return
  }
  const range = readRange(request.headers.range, request.headers['if-range'], content.size, etag)
  if (range === 'unsatisfiable') {
    reply.code(416).header('content-range', `bytes */${content.size}`).header('content-length', '0').send()
    return
  }
  const { start, end } = range ?? { start: 0, end: content.size - 1 }
  reply.code(range ? 206 : 200).header('content-length', String(end - start + 1))
  if (range) reply.header('content-range', `bytes ${start}-${end}/${content.size}`)
  if (request.method === 'HEAD') {
    reply.hijack()
    reply.raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>).end()
    return
  }
  const isHandedOver = handOver(parts, reply, content)
  if (!isHandedOver) await send(parts, reply, content, { start, end })
  const isWhole = isHandedOver ? request.headers.range === undefined : end === content.size - 1
  if (isWhole) whenSent()
}

function setHeaders(reply: FastifyReply, content: Content, etag: string): void {
  reply
    .header('content-type', content.mimeType)
    .header('content-disposition', contentDisposition(content.name, { type: 'attachment' }))
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
    .header('last-modified', new Date(content.editedAt).toUTCString())
    .header('cache-control', 'private, no-store')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex')
}

/** Lets nginx send the file in our place, where it is set up for that. */
function handOver(parts: Parts, reply: FastifyReply, content: Content): boolean {
  const path = parts.config.accelPrefix === '' ? undefined : parts.blobs.localPath(content.blobKey)
  if (path === undefined) return false
  const folder = fileURLToPath(parts.config.blobUrl)
  reply.removeHeader('content-length').removeHeader('content-range')
  reply
    .code(200)
    .header('x-accel-redirect', parts.config.accelPrefix + path.slice(folder.length))
    .send()
  return true
}

async function send(parts: Parts, reply: FastifyReply, content: Content, range: ByteRange): Promise<void> {
  const head = () => {
    reply.hijack()
    reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  }
  if (content.size <= smallSize) {
    const bytes = await readSmall(parts, content)
    head()
    return endWith(reply, bytes.subarray(range.start, range.end + 1))
  }
  const path = parts.blobs.localPath(content.blobKey)
  // opened before the head is sent: a content that is missing can still be answered as a failure
  const source = path === undefined ? await readContent(parts, content, range) : await openContent(parts, content, path)
  head()
  return source instanceof Readable ? pipeline(source, reply.raw) : sendFile(source, range, reply.raw)
}

/** Resolves when the bytes are on their way; rejects when the visitor has gone before. */
async function endWith(reply: FastifyReply, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    reply.raw.once('error', reject)
    reply.raw.end(bytes, resolve)
  })
}

/** A small content whole; contents never change, so those in use stay in memory. The gate was asked before. */
async function readSmall(parts: Parts, content: Content): Promise<Buffer> {
  if (content.size === 0) return Buffer.alloc(0)
  const known = smallContents.get(content.blobKey)
  if (known) return known.bytes
  const chunks: Buffer[] = []
  for await (const chunk of await readContent(parts, content, { start: 0, end: content.size - 1 }))
    chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  smallContents.set(content.blobKey, { bytes })
  return bytes
}

function readContent(parts: Parts, content: Content, range: ByteRange): Promise<Readable> {
  return parts.blobs.read(content.blobKey, range).catch((error: unknown) => tellMissing(parts, content, error))
}

function openContent(parts: Parts, content: Content, path: string): Promise<FileHandle> {
  return openFile(path, 'r').catch((error: unknown) => tellMissing(parts, content, error))
}

function tellMissing(parts: Parts, content: Content, error: unknown): never {
  if (error instanceof BlobMissingError || (error as { code?: unknown }).code === 'ENOENT') {
    parts.log.error({ nodeId: content.nodeId }, 'the content of a file is missing from the store')
  }
  throw error
}
