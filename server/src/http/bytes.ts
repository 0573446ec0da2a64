import { create as contentDisposition } from 'content-disposition'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
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
  const headers = headersOf(content, etag)
  if (request.headers['if-none-match'] === etag) return end(reply, 304, headers)
  const range = readRange(request.headers.range, request.headers['if-range'], content.size, etag)
  if (range === 'unsatisfiable') {
    return end(reply, 416, { ...headers, 'content-range': `bytes */${content.size}`, 'content-length': 0 })
  }
  const status = range ? 206 : 200
  const bytes = range ?? { start: 0, end: content.size - 1 }
  headers['content-length'] = bytes.end - bytes.start + 1
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${content.size}`
  if (request.method === 'HEAD') return end(reply, status, headers)
  const inner = innerPath(parts, content)
  if (inner === undefined) await send(parts, content, bytes, () => head(reply, status, headers))
  else endInside(reply, headers, inner)
  const isWhole = inner === undefined ? bytes.end === content.size - 1 : request.headers.range === undefined
  if (isWhole) whenSent()
}

function head(reply: FastifyReply, status: number, headers: OutgoingHttpHeaders): ServerResponse {
  reply.hijack()
  return reply.raw.writeHead(status, headers)
}

function end(reply: FastifyReply, status: number, headers: OutgoingHttpHeaders): void {
  head(reply, status, headers).end()
}

/** Leaves the rest to nginx, which takes the range from the request and writes the length itself. */
function endInside(reply: FastifyReply, headers: OutgoingHttpHeaders, path: string): void {
  const { 'content-length': _length, 'content-range': _range, ...others } = headers
  end(reply, 200, { ...others, 'x-accel-redirect': path })
}

function headersOf(content: Content, etag: string): OutgoingHttpHeaders {
  return {
    'content-type': content.mimeType,
    'content-disposition': contentDisposition(content.name, { type: 'attachment' }),
    'accept-ranges': 'bytes',
    etag,
    'last-modified': new Date(content.editedAt).toUTCString(),
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
  }
}

/** Where nginx finds the content to send in our place; undefined where it is not set up for that. */
function innerPath(parts: Parts, content: Content): string | undefined {
  const path = parts.config.accelPrefix === '' ? undefined : parts.blobs.localPath(content.blobKey)
  return path === undefined
    ? undefined
    : parts.config.accelPrefix + path.slice(fileURLToPath(parts.config.blobUrl).length)
}

/** Sends the bytes after the head, which is written when they are sure to be there: till then a failure can be answered. */
async function send(parts: Parts, content: Content, range: ByteRange, writeHead: () => ServerResponse): Promise<void> {
  if (content.size <= smallSize) {
    const bytes = await readSmall(parts, content)
    return endWith(writeHead(), bytes.subarray(range.start, range.end + 1))
  }
  const path = parts.blobs.localPath(content.blobKey)
  const source = path === undefined ? await readContent(parts, content, range) : await openContent(parts, content, path)
  const response = writeHead()
  return source instanceof Readable ? pipeline(source, response) : sendFile(source, range, response)
}

/** Resolves when the bytes are on their way; rejects when the visitor has gone before. */
async function endWith(response: ServerResponse, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    response.once('error', reject)
    response.end(bytes, resolve)
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
