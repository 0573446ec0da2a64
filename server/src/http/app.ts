import Fastify, { type FastifyInstance } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Parts } from '../context.ts'
import { DriveError } from '../errors.ts'
import { errorEnvelope } from './envelope.ts'
import { sendFailure } from './mount.ts'
import { traceIdOf } from './trace.ts'

const bodyLimit = 2 * 1024 * 1024

/** An empty HTTP application with our rules for bodies, unknown paths and failures. */
export function createHttp(parts: Parts): FastifyInstance {
  const app = Fastify({
    bodyLimit,
    trustProxy: parts.config.trustedProxies || false,
    routerOptions: { maxParamLength: 4000, ignoreTrailingSlash: true, caseSensitive: true },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    logger: false,
    clientErrorHandler: refuseLine,
    frameworkErrors: (error, request, reply) => {
      sendFailure(
        reply,
        request,
        error.code === 'FST_ERR_BAD_URL' ? new DriveError('NO_SUCH_ENDPOINT') : new DriveError('BAD_REQUEST'),
      )
    },
  })
  app.server.headersTimeout = 60_000
  app.addHook('preClose', (done) => {
    closeIdleLines(app)
    done()
  })
  // bodies stay bytes until the endpoint is known: signatures cover them, and only our reader parses
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setNotFoundHandler((request, reply) => sendFailure(reply, request, new DriveError('NO_SUCH_ENDPOINT')))
  app.setErrorHandler((error, request, reply) => {
    const failure = translate(error)
    if (!(failure instanceof DriveError))
      parts.log.error({ err: error, url: request.routeOptions.url }, 'request failed')
    sendFailure(reply, request, failure)
  })
  return app
}

/**
 * Closes lines as they fall idle while the server closes: answers are written past the framework, which would have ended their
 * line, and a client that keeps it open would keep the process.
 */
function closeIdleLines({ server }: FastifyInstance): void {
  if (!server.listening) return
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  server.once('close', () => clearInterval(sweep))
}

/** Answers what is no HTTP, or has too much before its body, in the envelope too; the line is closed after it. */
function refuseLine(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, body: text } = errorEnvelope(new DriveError('BAD_REQUEST'), 'en')
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `x-traceid: ${traceIdOf(undefined)}`,
    'content-type: application/json; charset=utf-8',
    'cache-control: private, no-store',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}

function translate(error: unknown): unknown {
  if (error instanceof DriveError) return error
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new DriveError('BODY_TOO_LARGE')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new DriveError('BAD_REQUEST')
  return error
}
