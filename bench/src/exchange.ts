import { connect, type Socket } from 'node:net'

/** One HTTP answer as the wire gave it. */
export interface WireAnswer {
  status: number
  bytes: number
  /** The body, when it was asked for; else empty. */
  body: string
}

/** One request as text, ready for the wire. */
export interface WireRequest {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
}

/** The bytes of a keep-alive HTTP/1.1 request, as latin1 text with the body in UTF-8. */
export function writeRequest({ method, path, headers = {}, body }: WireRequest): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== undefined) {
    if (headers['content-type'] === undefined) lines.push('content-type: application/json')
    lines.push(`content-length: ${Buffer.byteLength(body)}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

const headEnd = Buffer.from('\r\n\r\n')
const lengthField = /\r\ncontent-length: *(\d+)/i

/**
 * Reads answers off one connection, one at a time: feed it chunks, it calls back once per complete answer. Answers without
 * Content-Length, and bytes nobody asked for, throw.
 */
export function createAnswerReader(keepBody: boolean, onAnswer: (answer: WireAnswer) => void) {
  let head: Buffer = Buffer.alloc(0)
  let missing = -1
  let status = 0
  let bytes = 0
  let kept: Buffer[] = []
  function finish(): void {
    const body = keepBody ? Buffer.concat(kept).toString('utf8') : ''
    kept = []
    missing = -1
    onAnswer({ status, bytes, body })
  }
  function readHead(chunk: Buffer): Buffer | undefined {
    const seen = head.length > 0 ? Buffer.concat([head, chunk]) : chunk
    const end = seen.indexOf(headEnd)
    if (end < 0) {
      head = Buffer.from(seen)
      return undefined
    }
    head = Buffer.alloc(0)
    const text = seen.toString('latin1', 0, end)
    status = Number(text.slice(9, 12))
    const length = lengthField.exec(text)?.[1]
    if (length === undefined && status !== 204) throw new Error(`answer ${status} without Content-Length`)
    bytes = missing = Number(length ?? 0)
    return seen.subarray(end + headEnd.length)
  }
  return (chunk: Buffer): void => {
    const body = missing < 0 ? readHead(chunk) : chunk
    if (!body) return
    if (body.length > missing) throw new Error('more bytes than the answer announced')
    if (keepBody && body.length > 0) kept.push(Buffer.from(body))
    missing -= body.length
    if (missing === 0) finish()
  }
}

/** What happens on a connection. */
export interface ExchangeEvents {
  onOpen: () => void
  onAnswer: (answer: WireAnswer) => void
  onFailure: (reason: string) => void
}

/** Opens one keep-alive connection to a server on loopback; chunks are read into one buffer that is used again and again. */
export function openExchange(port: number, keepBody: boolean, events: ExchangeEvents): Socket {
  const read = createAnswerReader(keepBody, events.onAnswer)
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(256 * 1024),
      callback: (length, buffer) => {
        try {
          read(Buffer.from(buffer.buffer, buffer.byteOffset, length))
        } catch (error) {
          socket.destroy(error instanceof Error ? error : new Error(String(error)))
        }
        return true
      },
    },
  })
  socket.on('connect', events.onOpen)
  socket.on('error', (error) => events.onFailure(error.message))
  socket.on('end', () => events.onFailure('the server closed the connection'))
  return socket
}
