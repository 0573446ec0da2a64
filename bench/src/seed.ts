import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { foldName, nameKey } from '../../server/src/names.ts'

/** The product's SQLite file inside its data folder. */
export function findDatabase(dataDir: string): string {
  return join(dataDir, 'driveway.db')
}

/** Rows to make: copies of a real row, so that every column has a value the product itself wrote. */
export interface FolderSeed {
  /** Node to copy. */
  template: string
  parent: string
  count: number
}

/** Files to make below each parent. */
export interface ChildSeed {
  template: string
  parents: string[]
  count: number
}

type Values = Record<string, SQLInputValue>

let serial = 0

function newId(): string {
  serial++
  return `Fbench${serial.toString(36).padStart(8, '0')}${Math.random().toString(36).slice(2).padEnd(11, 'x').slice(0, 11)}abcdefg0`
}

/** Makes folders in the stopped product's database and returns their ids. */
export function seedFolders(dataDir: string, { template, parent, count }: FolderSeed): string[] {
  const ids = Array.from({ length: count }, newId)
  insertCopies(dataDir, template, function* () {
    for (const [index, id] of ids.entries()) yield { id, parent_id: parent, ...nameColumns(`folder-${pad(index)}`) }
  })
  return ids
}

/** Makes files in the stopped product's database: names in order, sizes and times shuffled but of constant width. */
export function seedChildren(dataDir: string, { template, parents, count }: ChildSeed): void {
  insertCopies(dataDir, template, function* () {
    for (const parent of parents) {
      for (let index = 0; index < count; index++) {
        const shuffled = (index * 611_953) % 899_981
        yield {
          id: newId(),
          parent_id: parent,
          ...nameColumns(`file-${pad(index)}.bin`),
          size: 100_000 + shuffled,
          edited_at: new Date(1_700_000_000_000 + shuffled * 60_000).toISOString(),
        }
      }
    }
  })
}

function pad(index: number): string {
  return String(1_000_000 + index)
}

function nameColumns(name: string): Values {
  return { name, name_fold: foldName(name), name_key: nameKey(name) }
}

function insertCopies(dataDir: string, template: string, rows: () => Generator<Values>): void {
  const database = new DatabaseSync(findDatabase(dataDir))
  database.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000')
  const model = database.prepare('select * from nodes where id = ?').get(template)
  if (!model) throw new Error(`there is no node ${template} to copy`)
  const columns = Object.keys(model)
  const insert = database.prepare(
    `insert into nodes (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  )
  database.exec('begin')
  for (const row of rows()) insert.run(...columns.map((column) => row[column] ?? (model[column] as SQLInputValue)))
  database.exec('commit; pragma journal_mode = wal')
  database.close()
}
