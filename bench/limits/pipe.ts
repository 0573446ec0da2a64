import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { listen, readArguments } from './arguments.ts'

// The limit `pipe`: node piping from a file (GET, Range) and to a file with fsync and rename (PUT), in chunks of 1 MiB.
const { port, folder } = readArguments('port', 'folder')
const highWaterMark = 1024 * 1024

async function send(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { size } = await stat(file)
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = Number(first ?? 0)
  const end = last ? Number(last) : size - 1
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    ...(first !== undefined && { 'content-range': `bytes ${start}-${end}/${size}` }),
  })
  await pipeline(createReadStream(file, { start, end, highWaterMark }), response)
}

async function receive(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await pipeline(request, createWriteStream(`${file}.part`, { highWaterMark, flush: true }))
  await rename(`${file}.part`, file)
  response.writeHead(200, { 'content-length': 0 }).end()
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = join(folder, basename(request.url ?? ''))
  if (request.method === 'PUT') await receive(file, request, response)
  else if (request.method === 'DELETE') {
    await rm(file)
    response.writeHead(200, { 'content-length': 0 }).end()
  } else if (request.url === '/ready') response.writeHead(200, { 'content-length': 0 }).end()
  else await send(file, request, response)
}

listen(
  createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  }),
  port,
)
