import { createServer, type IncomingMessage } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { listen, readArguments } from './arguments.ts'

// The limit `insert`: one insert per POST, durable by SQLite itself (WAL, synchronous=FULL).
const { port, file } = readArguments('port', 'file')
const database = new DatabaseSync(file)
database.exec('pragma journal_mode = wal; pragma synchronous = full')
database.exec(
  'create table if not exists shares (id integer primary key, body text not null, created_at text not null)',
)
const insert = database.prepare('insert into shares (body, created_at) values (?, ?)')

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>
}

listen(
  createServer((request, response) => {
    void readBody(request).then((body) => {
      const createTime = new Date().toISOString()
      const id = request.method === 'POST' ? insert.run(JSON.stringify(body), createTime).lastInsertRowid : 0
      const answer = JSON.stringify({
        code: 0,
        msg: 'OK',
        shareLink: { shareId: String(id).padStart(19, '1'), createTime },
      })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
      response.end(answer)
    })
  }),
  port,
)
