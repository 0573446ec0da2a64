import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
} from 'kysely'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { isRead, readDirectly } from './prepared.ts'
import type { Db, Schema } from './schema.ts'
import { openWal, type Wal } from './sqlite-wal.ts'

const maxStatements = 500
const maxRemembered = 5000

/** Hands one thing at a time to whoever asks, in order of asking. */
class Lock {
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
class Connection {
  readonly database: DatabaseSync
  #statements = new Map<string, Statement>()

  constructor(file: string) {
    this.database = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: false })
    // durability is ours: every commit waits for the shared fdatasync of the WAL, off the event loop (docs/decisions)
    this.database.exec('pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0')
    this.database.exec('pragma cache_size = -32768; pragma mmap_size = 268435456; pragma temp_store = memory')
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
class Memory {
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

/**
 * Reads run at once; a write takes the write lock, commits, gives the lock back and is answered
 * after the shared sync.
 */
class SqliteConnection implements DatabaseConnection {
  readonly #driver: SqliteDriver
  isWriter = false
  endTurn: (() => void) | undefined

  constructor(driver: SqliteDriver) {
    this.#driver = driver
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.isWriter) return this.#driver.writer.execute<R>(query)
    if (isRead(query)) return this.#driver.newest().execute<R>(query)
    return this.#driver.writeOnce<R>(query)
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('SQLite queries are not streamed; page with a cursor')
  }
}

class SqliteDriver implements Driver {
  readonly writer: Connection
  readonly reader: Connection
  readonly wal: Wal
  readonly #lock = new Lock()
  readonly #hold: DatabaseSync

  constructor(writer: Connection, reader: Connection, wal: Wal, hold: DatabaseSync) {
    this.#hold = hold
    this.writer = writer
    this.reader = reader
    this.wal = wal
  }

  /** Commits so far. */
  commits = 0
  #isWriting = false

  /**
   * The connection to read what is committed from: the writer's own while it has no open transaction, because its page
   * cache is warm after a commit and the other's is not.
   */
  newest(): Connection {
    return this.#isWriting ? this.reader : this.writer
  }

  /** Runs `work` while nobody writes. */
  async withoutWriters<T>(work: () => Promise<T>): Promise<T> {
    const end = await this.#lock.take()
    try {
      return await work()
    } finally {
      end()
    }
  }

  async writeOnce<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const end = await this.#lock.take()
    let result: QueryResult<R>
    try {
      result = this.writer.execute<R>(query)
      this.commits++
    } finally {
      end()
    }
    await this.wal.sync()
    return result
  }

  async init(): Promise<void> {
    // without an emptied log SQLite has to sync the header it begins it anew with
    const careful = () => this.writer.database.exec('pragma synchronous = normal')
    this.wal.start((work) => this.withoutWriters(work), careful)
  }

  async acquireConnection(): Promise<SqliteConnection> {
    return new SqliteConnection(this)
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as SqliteConnection
    own.endTurn = await this.#lock.take()
    own.isWriter = true
    this.writer.database.exec('begin immediate')
    this.#isWriting = true
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as SqliteConnection
    this.writer.database.exec('commit')
    this.commits++
    this.#endTurn(own)
    await this.wal.sync()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as SqliteConnection
    if (own.isWriter && this.writer.database.isTransaction) this.writer.database.exec('rollback')
    this.#endTurn(own)
  }

  #endTurn(connection: SqliteConnection): void {
    if (connection.isWriter) this.#isWriting = false
    connection.isWriter = false
    connection.endTurn?.()
    connection.endTurn = undefined
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#endTurn(connection as SqliteConnection)
  }

  async destroy(): Promise<void> {
    await this.wal.settle()
    await this.withoutWriters(async () => {
      this.reader.database.close()
      this.writer.database.close()
      await this.wal.close()
      this.#hold.close()
    })
  }
}

/** Kysely would otherwise queue every query on one connection; our driver does its own ordering. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** Another process holds the database file. */
export class DatabaseInUseError extends Error {}

/** Holds the file for this process alone until it ends, however it ends: the lock is the operating system's. */
function holdFile(file: string): DatabaseSync {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 1500 })
  try {
    lock.exec('pragma journal_mode = delete; begin exclusive')
  } catch {
    lock.close()
    throw new DatabaseInUseError(
      `Another process is using ${file}. Stop it first, or use PostgreSQL for several processes.`,
    )
  }
  return lock
}

/** Opens the database file, made when it is missing. Throws DatabaseInUseError while another process holds it. */
export async function openSqlite(file: string): Promise<Db> {
  const lock = holdFile(file)
  const writer = new Connection(file)
  const reader = new Connection(file)
  // a WAL file exists only after a first write
  writer.database.exec('create table if not exists migrations (name text primary key, applied_at text not null) strict')
  const wal = await openWal(file)
  const driver = new SqliteDriver(writer, reader, wal, lock)
  const dialect: Dialect = {
    createAdapter: () => new Adapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
  const db = new Kysely<Schema>({ dialect })
  const rows = (sql: string, parameters: unknown[]) => driver.newest().execute({ sql, parameters }).rows
  const memory = new Memory()
  readDirectly(db, {
    rows,
    tuples: (sql, parameters) => driver.newest().tuples(sql, parameters),
    remembered: (sql, parameters) => memory.find(driver.commits, sql, parameters, () => rows(sql, parameters)),
  })
  return db
}
