import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type KyselyPlugin,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionBuilder,
} from 'kysely'
import { DatabaseSync } from 'node:sqlite'
import { type Direct, isRead, runDirectly } from './prepared.ts'
import type { Db, Schema } from './schema.ts'
import { Connection, Lock, Memory } from './sqlite-connection.ts'
import { openWal, type Wal } from './sqlite-wal.ts'

type Query = Pick<CompiledQuery, 'sql' | 'parameters'>

/** One database file: who reads from where, who writes when, and when a write is acknowledged. */
class Engine {
  readonly writer: Connection
  readonly #reader: Connection
  readonly #wal: Wal
  readonly #hold: DatabaseSync
  readonly #lock = new Lock()
  /** Commits so far. */
  commits = 0
  isWriting = false

  constructor(parts: { writer: Connection; reader: Connection; wal: Wal; hold: DatabaseSync }) {
    this.writer = parts.writer
    this.#reader = parts.reader
    this.#wal = parts.wal
    this.#hold = parts.hold
    // without an emptied log SQLite has to sync the header it begins it anew with
    const careful = () => this.writer.database.exec('pragma synchronous = normal')
    this.#wal.start((work) => this.#withoutWriters(work), careful)
  }

  /**
   * The connection to read what is committed from: the writer's own while it has no open transaction, because its page
   * cache is warm after a commit and the other's is not.
   */
  newest(): Connection {
    return this.isWriting ? this.#reader : this.writer
  }

  /** Runs one statement that writes; answers after the shared sync. */
  async write<R>(query: Query): Promise<QueryResult<R>> {
    const result = await this.#withoutWriters(async () => {
      const done = this.writer.execute<R>(query)
      this.commits++
      return done
    })
    await this.#wal.sync()
    return result
  }

  /** Runs `work` in the one transaction that may be open; answers after the shared sync, when others may write again already. */
  async transact<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.#withoutWriters(async () => {
      this.writer.begin()
      this.isWriting = true
      try {
        const done = await work()
        this.writer.commit()
        this.commits++
        return done
      } catch (error) {
        if (this.writer.database.isTransaction) this.writer.rollback()
        throw error
      } finally {
        this.isWriting = false
      }
    })
    await this.#wal.sync()
    return result
  }

  async #withoutWriters<T>(work: () => Promise<T>): Promise<T> {
    const end = await this.#lock.take()
    try {
      return await work()
    } finally {
      end()
    }
  }

  async close(): Promise<void> {
    await this.#wal.settle()
    await this.#withoutWriters(async () => {
      this.#reader.database.close()
      this.writer.database.close()
      await this.#wal.close()
      this.#hold.close()
    })
  }
}

/** The query builder's way to the engine: one connection object for everybody, since the engine does the ordering. */
class EngineDriver implements Driver {
  readonly #connection: DatabaseConnection

  constructor(execute: <R>(query: CompiledQuery) => Promise<QueryResult<R>>) {
    this.#connection = {
      executeQuery: execute,
      // eslint-disable-next-line require-yield
      async *streamQuery() {
        throw new Error('SQLite queries are not streamed; page with a cursor')
      },
    }
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(): Promise<void> {
    throw new Error('a transaction cannot be opened inside another')
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** Kysely would otherwise queue every query on one connection. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

function dialectOf(driver: Driver): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** The database outside transactions, which it opens on the engine. */
class SqliteDb extends Kysely<Schema> {
  readonly #engine: Engine
  readonly #tx: Db

  constructor(driver: Driver, engine: Engine, tx: Db) {
    super({ dialect: dialectOf(driver) })
    this.#engine = engine
    this.#tx = tx
  }

  override transaction(): TransactionBuilder<Schema> {
    return this.#transactionsWith(this.#tx)
  }

  /** The same database seen through a plugin, inside transactions too; it goes by the query builder. */
  override withPlugin(plugin: KyselyPlugin): Db {
    const seen = super.withPlugin(plugin)
    const tx = this.#tx.withPlugin(plugin)
    return Object.assign(seen, { transaction: () => this.#transactionsWith(tx) })
  }

  /** Kysely would close only what it has used itself. */
  override async destroy(): Promise<void> {
    await this.#engine.close()
  }

  #transactionsWith(tx: Db): TransactionBuilder<Schema> {
    const execute = <T>(work: (own: Db) => Promise<T>) => this.#engine.transact(() => work(tx))
    return { execute } as unknown as TransactionBuilder<Schema>
  }
}

/** What runs inside the open transaction, whichever it is. */
function transactionOf(engine: Engine): Db {
  const run = <R>(query: Query): QueryResult<R> => {
    if (!engine.isWriting) throw new Error('the transaction is over')
    return engine.writer.execute<R>(query)
  }
  const tx = new Kysely<Schema>({
    dialect: dialectOf(new EngineDriver(async (query) => run(query))),
  })
  const rows = (sql: string, parameters: unknown[]) => run({ sql, parameters }).rows
  runDirectly(tx, {
    rows,
    remembered: rows,
    tuples: (sql, parameters) => engine.writer.tuples(sql, parameters),
    write: (sql, parameters) => run({ sql, parameters }),
  })
  return tx
}

function directOf(engine: Engine): Direct {
  const memory = new Memory()
  const rows = (sql: string, parameters: unknown[]) => engine.newest().execute({ sql, parameters }).rows
  return {
    rows,
    remembered: (sql, parameters) => memory.find(engine.commits, sql, parameters, () => rows(sql, parameters)),
    tuples: (sql, parameters) => engine.newest().tuples(sql, parameters),
    write: (sql, parameters) => engine.write({ sql, parameters }),
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
  const hold = holdFile(file)
  const writer = new Connection(file)
  const reader = new Connection(file)
  // a WAL file exists only after a first write
  writer.database.exec('create table if not exists migrations (name text primary key, applied_at text not null) strict')
  const engine = new Engine({ writer, reader, wal: await openWal(file), hold })
  const execute = async <R>(query: CompiledQuery) =>
    isRead(query) ? engine.newest().execute<R>(query) : engine.write<R>(query)
  const db = new SqliteDb(new EngineDriver(execute), engine, transactionOf(engine))
  runDirectly(db, directOf(engine))
  return db
}
