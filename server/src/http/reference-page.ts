import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OpenApiDocument } from './openapi.ts'

interface Page {
  type: string
  cacheControl: string
  etag: string
  body: Buffer
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Driveway API reference</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<noscript>This page needs JavaScript. The same facts are in <a href="/openapi.json">openapi.json</a>.</noscript>
<main id="reference"></main>
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</body>
</html>
`

const startScript = `window.SwaggerUIBundle({
  url: '/openapi.json',
  domNode: document.getElementById('reference'),
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  validatorUrl: null,
  queryConfigEnabled: false,
  deepLinking: true,
  filter: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  displayRequestDuration: true,
})
`

/** The only files of Swagger UI that are served. */
const assets: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

/** Icons of Swagger UI are data images; everything else comes from this server, and nothing is inline. */
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Serves the reference page at `/docs`, its files below it, and the document itself at `/openapi.json`. */
export function registerReferencePage(app: FastifyInstance, document: OpenApiDocument): void {
  const fresh = 'no-cache'
  const kept = 'public, max-age=86400'
  serve(app, '/openapi.json', textPage('application/json; charset=utf-8', fresh, JSON.stringify(document)))
  serve(app, '/docs', textPage('text/html; charset=utf-8', fresh, html))
  serve(app, '/docs/start.js', textPage('text/javascript; charset=utf-8', fresh, startScript))
  for (const [name, type] of Object.entries(assets)) {
    serve(app, `/docs/${name}`, async () => {
      const body = await readFile(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))
      return toPage(type, kept, body)
    })
  }
}

function textPage(type: string, cacheControl: string, text: string): () => Page {
  const page = toPage(type, cacheControl, Buffer.from(text))
  return () => page
}

function toPage(type: string, cacheControl: string, body: Buffer): Page {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { type, cacheControl, etag, body }
}

function serve(app: FastifyInstance, path: string, read: () => Page | Promise<Page>): void {
  app.get(path, async (request: FastifyRequest, reply: FastifyReply) => {
    const { type, cacheControl, etag, body } = await read()
    reply
      .header('cache-control', cacheControl)
      .header('etag', etag)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('content-security-policy', contentSecurityPolicy)
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.type(type).send(body)
  })
}
