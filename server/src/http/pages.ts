import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../../../web/dist/', import.meta.url))
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self' https: http:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The web application of a folder: the drive at `/` and at the vendor's `/cloudfile/` (decisions.md 2), a link's page at
 * `/s/{shortUrl}`, their assets as small as the caller takes them. Absent when it is not built.
 */
export async function mountPages(app: FastifyInstance, folder: string = dist): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    preCompressed: true,
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    index: false,
    decorateReply: false,
  })
  const drive = await readPage(join(folder, 'index.html'))
  const share = await readPage(join(folder, 'share.html'))
  for (const path of ['/', '/cloudfile', '/cloudfile/index.html']) {
    app.get(path, (request, reply) => sendPage(request, reply, drive))
  }
  app.get('/s/:shortUrl', (request, reply) => sendPage(request, reply, share))
  for (const name of ['favicon.svg', 'robots.txt']) {
    if (!existsSync(join(folder, name))) continue
    const bytes = await readFile(join(folder, name))
    const type = name.endsWith('.svg') ? 'image/svg+xml' : 'text/plain'
    app.get(`/${name}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=86400').send(bytes),
    )
  }
}

/** A page in each form it is sent in, the smallest first. */
type Page = [encoding: 'br' | 'gzip' | '', bytes: Buffer][]

async function readPage(path: string): Promise<Page> {
  const html = await readFile(path)
  return [
    ['br', brotliCompressSync(html)],
    ['gzip', gzipSync(html)],
    ['', html],
  ]
}

function sendPage(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  const accepted = String(request.headers['accept-encoding'] ?? '').split(/\s*,\s*/)
  const [encoding, bytes] = page.find(([name]) => name === '' || accepted.includes(name)) ?? ['', '']
  if (encoding !== '') reply.header('content-encoding', encoding)
  return reply
    .type('text/html; charset=utf-8')
    .header('vary', 'Accept-Encoding')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex')
    .header('cache-control', 'private, no-store')
    .send(bytes)
}
