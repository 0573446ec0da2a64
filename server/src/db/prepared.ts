import { type Compilable, type CompiledQuery, PostgresAdapter, type QueryResult, type RawBuilder, sql } from 'kysely'
import type { Db, Engine } from './schema.ts'

/** Stands in a query for a value that is given when the query runs. */
class Parameter {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A query whose text is made once per engine and run many times with other values. */
export interface Prepared<P, R> {
  all(db: Db, values: P): Promise<R[]>
  first(db: Db, values: P): Promise<R | undefined>
  /** The rows as arrays of their columns, in the order of the query; half the cost for long pages. */
  tuples(db: Db, values: P): Promise<unknown[][]>
  /** Runs it for its effect; answers the number of rows that changed. */
  run(db: Db, values: P): Promise<number>
}

interface Plan {
  compiled: CompiledQuery
  names: (string | undefined)[]
  isRead: boolean
}

/** A way to the engine without the steps of the query builder between, which would cost more than most statements. */
export interface Direct {
  rows(sql: string, parameters: unknown[]): unknown[]
  tuples(sql: string, parameters: unknown[]): unknown[][]
  /** As `rows`, answered from memory while nothing was committed since the same question was asked. */
  remembered(sql: string, parameters: unknown[]): readonly unknown[]
  write(sql: string, parameters: unknown[]): QueryResult<unknown> | Promise<QueryResult<unknown>>
}

const directs = new WeakMap<Db, Direct>()

/** Lets prepared queries on `db` go straight to the engine. */
export function runDirectly(db: Db, direct: Direct): void {
  directs.set(db, direct)
}

/** The engine behind a database or transaction. */
export function engineOf(db: Db): Engine {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
}

const markers = new Proxy({}, { get: (_, name) => new Parameter(String(name)) })

/**
 * Prepares a query. `build` gets an object whose every field is a marker for the value of that name; it runs once per
 * engine, so it must not look at values. `isHot` marks small reads that nearly every call makes: an engine that sees all
 * writes may answer them from memory until the next commit.
 */
export function prepared<P, R = unknown>(
  build: (db: Db, p: P) => Compilable<R>,
  { isHot = false }: { isHot?: boolean } = {},
): Prepared<P, R> {
  const plans: Partial<Record<Engine, Plan>> = {}
  const planFor = (db: Db): Plan => {
    const engine = engineOf(db)
    return (plans[engine] ??= makePlan(build(db, markers as P).compile() as CompiledQuery))
  }
  const write = async (db: Db, { compiled }: Plan, parameters: unknown[]): Promise<QueryResult<R>> => {
    const direct = directs.get(db)
    if (direct) return (await direct.write(compiled.sql, parameters)) as QueryResult<R>
    return db.executeQuery<R>({ ...compiled, parameters })
  }
  const all = async (db: Db, values: P): Promise<R[]> => {
    const plan = planFor(db)
    const parameters = bind(plan, values as Record<string, unknown>)
    const direct = plan.isRead ? directs.get(db) : undefined
    if (!direct) return (await write(db, plan, parameters)).rows
    const { sql: text } = plan.compiled
    return (isHot ? [...direct.remembered(text, parameters)] : direct.rows(text, parameters)) as R[]
  }
  return {
    all,
    first: async (db, values) => (await all(db, values))[0],
    tuples: async (db, values) => {
      const plan = planFor(db)
      const parameters = bind(plan, values as Record<string, unknown>)
      const direct = plan.isRead ? directs.get(db) : undefined
      if (direct) return direct.tuples(plan.compiled.sql, parameters)
      return (await write(db, plan, parameters)).rows.map((row) => Object.values(row as object))
    },
    run: async (db, values) => {
      const plan = planFor(db)
      const { numAffectedRows } = await write(db, plan, bind(plan, values as Record<string, unknown>))
      return Number(numAffectedRows ?? 0n)
    },
  }
}

function makePlan(compiled: CompiledQuery): Plan {
  const names = compiled.parameters.map((value) => (value instanceof Parameter ? value.name : undefined))
  return { compiled, names, isRead: isRead(compiled) }
}

/** Whether a query only reads: by its root node or, for raw text, by its words. */
export function isRead({ query, sql }: CompiledQuery): boolean {
  if (query.kind === 'SelectQueryNode') return true
  return (
    query.kind === 'RawNode' && /^\s*(select|with|explain)\b/i.test(sql) && !/\b(insert|update|delete)\b/i.test(sql)
  )
}

function bind(plan: Plan, values: Record<string, unknown>): unknown[] {
  return plan.names.map((name, index) => {
    if (name === undefined) return plan.compiled.parameters[index]
    const value = values[name]
    if (value === undefined) throw new Error(`the query needs a value for ${name}`)
    return value
  })
}

/** The values of a JSON array of texts as rows of one column, for `in`. */
export function textsOf(db: Db, json: string): RawBuilder<string> {
  return engineOf(db) === 'postgres'
    ? sql<string>`(select json_array_elements_text(${json}::json))`
    : sql<string>`(select value from json_each(${json}))`
}

/** Raw SQL as something `prepared` can prepare. */
export function compilable<R>(db: Db, text: RawBuilder<R>): Compilable<R> {
  return { compile: () => text.compile(db) }
}

/** Picks the markers of some columns: the `values` of an insert. */
export function columns<P extends object, K extends keyof P>(p: P, names: readonly K[]): Pick<P, K> {
  return Object.fromEntries(names.map((name) => [name, p[name]])) as Pick<P, K>
}
