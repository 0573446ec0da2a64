import type { QueryResult } from 'kysely'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

const maxStatements = 500
const maxRemembered = 5000

/** Hands one thing at a time to whoever asks, in order of asking. */
export class Lock {
  #tail: Promise<void> = Promise.resolve()

  /** Resolves, when it is the caller's turn, to the function that ends the turn. */
  async take(): Promise<() => void> {
    const before = this.#tail
    let end = (): void => undefined
    this.#tail = new Promise((resolve) => {
      end = resolve
    })
    await before
    return end
  }
}

interface Statement {
  statement: StatementSync
  /** Names of the columns; empty when the statement gives no rows. */
  columns: string[]
}

/** One SQLite connection with its prepared statements. */
export class Connection {
  readonly database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  #statements = new Map<string, Statement>()

  constructor(file: string) {
    this.database = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: false })
    // durability is ours: every commit waits for the shared fdatasync of the WAL, off the event loop (docs/decisions)
    this.database.exec('pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0')
    this.database.exec('pragma cache_size = -32768; pragma mmap_size = 268435456; pragma temp_store = memory')
    this.#begin = this.database.prepare('begin immediate')
    this.#commit = this.database.prepare('commit')
  }

  begin(): void {
    this.#begin.run()
  }

  commit(): void {
    this.#commit.run()
  }

  rollback(): void {
    this.database.exec('rollback')
  }

  execute<R>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }): QueryResult<R> {
    const { statement, columns } = this.#prepare(sql)
    if (columns.length === 0) {
      return { rows: [], numAffectedRows: BigInt(statement.run(...(parameters as SQLInputValue[])).changes) }
    }
    const rows = this.tuples(sql, parameters).map((row) => named<R>(columns, row))
    return { rows, numAffectedRows: BigInt(rows.length) }
  }

  /** The rows of a read as arrays. */
  tuples(sql: string, parameters: readonly unknown[]): unknown[][] {
    return this.#prepare(sql).statement.all(...(parameters as SQLInputValue[])) as unknown as unknown[][]
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known) return known
    if (this.#statements.size >= maxStatements) this.#statements.clear()
    const statement = this.database.prepare(sql)
    // rows come as arrays and are named here: half the cost of the objects the engine would make
    statement.setReturnArrays(true)
    const entry = { statement, columns: statement.columns().map((column) => column.name ?? '') }
    this.#statements.set(sql, entry)
    return entry
  }
}

function named<R>(columns: string[], row: unknown[]): R {
  const result: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index++) result[columns[index] as string] = row[index]
  return result as R
}

/** Answers of hot reads, all forgotten with the next commit; one process holds the file, so no commit goes by unseen. */
export class Memory {
  #answers = new Map<string, Map<string, readonly unknown[]>>()
  #count = 0
  #version = -1

  find(version: number, sql: string, parameters: unknown[], read: () => readonly unknown[]): readonly unknown[] {
    if (version !== this.#version || this.#count >= maxRemembered) {
      this.#answers.clear()
      this.#count = 0
      this.#version = version
    }
    const question = JSON.stringify(parameters)
    const known = this.#answers.get(sql)?.get(question)
    if (known) return known
    const answer = read()
    const answers = this.#answers.get(sql) ?? new Map<string, readonly unknown[]>()
    this.#answers.set(sql, answers.set(question, answer))
    this.#count++
    return answer
  }
}
