import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { listen, readArguments } from './arguments.ts'

// The limit `buffer`: the same bytes from memory, whatever is asked.
const { port, body, type, status } = readArguments('port', 'body', 'type', 'status')
const bytes = readFileSync(body)
const head = { 'content-type': type, 'content-length': bytes.length }

listen(
  createServer((request, response) => {
    const isReady = request.url === '/ready'
    response.writeHead(isReady ? 200 : Number(status), head)
    response.end(bytes)
  }),
  port,
)
