import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

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

/** The web application: the drive at `/`, a link's page at `/s/{shortUrl}`, their assets. Absent when it is not built. */
export async function mountPages(app: FastifyInstance): Promise<void> {
  if (!existsSync(`${dist}index.html`)) return
  await app.register(fastifyStatic, {
    root: `${dist}assets`,
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    index: false,
    decorateReply: false,
  })
  const drive = await readFile(`${dist}index.html`)
  const share = await readFile(`${dist}share.html`)
  app.get('/', (_request, reply) => sendPage(reply, drive))
  app.get('/s/:shortUrl', (_request, reply) => sendPage(reply, share))
  for (const name of ['favicon.svg', 'robots.txt']) {
    if (!existsSync(dist + name)) continue
    const bytes = await readFile(dist + name)
    const type = name.endsWith('.svg') ? 'image/svg+xml' : 'text/plain'
    app.get(`/${name}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=86400').send(bytes),
    )
  }
}

function sendPage(reply: FastifyReply, html: Buffer): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex')
    .header('cache-control', 'private, no-store')
    .send(html)
}
