import type { IncomingMessage, Server } from 'node:http'
import { parseArgs } from 'node:util'

/** Reads the `--name value` arguments of a limit program; a name that is asked for and was not given throws. */
export function readArguments<N extends string>(...names: N[]): Record<N, string> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ options })
  const entries = names.map((name) => {
    const value = values[name]
    if (typeof value !== 'string') throw new Error(`--${name} is missing`)
    return [name, value]
  })
  return Object.fromEntries(entries) as Record<N, string>
}

/** Listens on loopback until the parent ends the process. */
export function listen(server: Server, port: string): void {
  server.keepAliveTimeout = 120_000
  server.requestTimeout = 0
  server.listen(Number(port), '127.0.0.1')
}

/** Calls back with the text of a request's body; by events, which cost less than a stream's iterator. */
export function readBody(request: IncomingMessage, onBody: (body: string) => void): void {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => onBody(body))
}
