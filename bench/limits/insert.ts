import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { listen, readArguments, readBody } from './arguments.ts'

// The limit `insert`: one insert per POST, durable by SQLite itself (WAL, synchronous=FULL).
const { port, file } = readArguments('port', 'file')
const database = new DatabaseSync(file)
database.exec('pragma journal_mode = wal; pragma synchronous = full')
database.exec(
  'create table if not exists shares (id integer primary key, body text not null, created_at text not null)',
)
const insert = database.prepare('insert into shares (body, created_at) values (?, ?)')

listen(
  createServer((request, response) => {
    readBody(request, (text) => {
      const body = JSON.parse(text || '{}') as Record<string, unknown>
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
