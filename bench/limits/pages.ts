import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { listen, readArguments, readBody } from './arguments.ts'

/** What a request for a page of a folder says, of the fields of `listShareFiles`. */
export interface PageRequest {
  parentFolder: string
  pageSize: number
  /** 1 name, 2 size, 4 modification time. */
  sortType: number
  /** 1 ascending, 2 descending. */
  sortDirection: number
  pageCursor?: string
}

const sortColumns: Record<number, string> = { 1: 'name_key', 2: 'size', 4: 'edited_at' }

/** Prepares the statement of a page once for each order, `select` being its columns, over the rows of the drive's `nodes`. */
export function preparePages(database: DatabaseSync, select: (key: string) => string) {
  const statements = new Map<string, StatementSync>()
  return ({ parentFolder, pageSize, sortType, sortDirection, pageCursor }: PageRequest) => {
    const key = sortColumns[sortType] ?? 'name_key'
    const [order, compare] = sortDirection === 2 ? ['desc', '<'] : ['asc', '>']
    const after = pageCursor
      ? (JSON.parse(Buffer.from(pageCursor, 'base64url').toString()) as [string | number, string])
      : []
    const where = after.length > 0 ? ` and (${key}, id) ${compare} (?, ?)` : ''
    const from = `from nodes where parent_id = ? and recycled_at is null${where}`
    const sql = select(`${key} as sort_key ${from} order by ${key} ${order}, id ${order} limit ?`)
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement.all(parentFolder, ...after, pageSize)
  }
}

/** The cursor after a row. */
export function writeCursor(key: unknown, id: unknown): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url')
}

/** Serves pages made by `makePage` from the drive's own SQLite file; the share's public facts are a constant. */
export function servePages(createPage: (database: DatabaseSync, link: string) => (page: PageRequest) => string): void {
  const { port, file, link } = readArguments('port', 'file', 'link')
  const database = new DatabaseSync(file, { readOnly: true })
  database.exec('pragma cache_size = -32768; pragma mmap_size = 268435456')
  const makePage = createPage(database, readFileSync(link, 'utf8'))
  listen(
    createServer((request, response) => {
      readBody(request, (body) => {
        const answer = body ? makePage(JSON.parse(body) as PageRequest) : '{}'
        const bytes = Buffer.from(answer)
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
        response.end(bytes)
      })
    }),
    port,
  )
}
