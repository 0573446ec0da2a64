import type { TSchema } from 'typebox'

export type Position = 'header' | 'path' | 'query' | 'body'

/** One thing wrong with the input: where, which field, and why. */
export interface Issue {
  position: Position
  /** JSON path of the field, such as `fileIds[2]`; empty for the whole. */
  field: string
  reason:
    | 'MISSING'
    | 'WRONG_TYPE'
    | 'OUT_OF_RANGE'
    | 'TOO_LONG'
    | 'TOO_SHORT'
    | 'TOO_MANY'
    | 'TOO_FEW'
    | 'DUPLICATE'
    | 'MALFORMED'
    | 'NOT_ALLOWED'
  description: string
}

/** Reads one value by its schema: the value in its one proper form, or undefined with the reasons added to `issues`. */
export type Reader = (value: unknown, field: string, issues: Issue[], position: Position) => unknown

interface Schema {
  type?: string
  enum?: readonly unknown[]
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: string[]
  default?: unknown
}

const maxIssues = 10

/**
 * Compiles a schema into a reader. Decision W8: numeric strings count as integers, empty strings as absent optional fields,
 * unknown fields are dropped; everything else that does not fit is an issue with its field.
 */
export function compileReader(schema: TSchema): Reader {
  return compile(schema as Schema)
}

function compile(schema: Schema): Reader {
  switch (schema.type) {
    case 'object':
      return schema.properties ? readObject(schema) : readMap(schema)
    case 'array':
      return readArray(schema)
    case 'integer':
      return readInteger(schema)
    case 'boolean':
      return readBoolean
    case 'string':
      return readString(schema)
    default:
      throw new Error(`the contract has no reader for schema type ${schema.type ?? 'none'}`)
  }
}

function add(issues: Issue[], issue: Issue): undefined {
  if (issues.length < maxIssues) issues.push(issue)
  return undefined
}

function readObject(schema: Schema): Reader {
  const required = new Set(schema.required)
  const entries = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    isRequired: required.has(name),
    isText: property.type === 'string' && !required.has(name),
    fallback: property.default,
    minLength: property.minLength ?? 0,
    read: compile(property),
  }))
  return (value, field, issues, position) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return add(issues, { position, field, reason: 'WRONG_TYPE', description: 'must be an object' })
    }
    const source = value as Record<string, unknown>
    const result: Record<string, unknown> = {}
    for (const entry of entries) {
      const given = Object.hasOwn(source, entry.name) ? source[entry.name] : undefined
      const path = field ? `${field}.${entry.name}` : entry.name
      if (isAbsent(given, entry)) {
        if (entry.isRequired) add(issues, { position, field: path, reason: 'MISSING', description: 'is required' })
        else if (entry.fallback !== undefined) result[entry.name] = entry.fallback
        continue
      }
      const read = entry.read(given, path, issues, position)
      if (read !== undefined) result[entry.name] = read
    }
    return result
  }
}

function isAbsent(given: unknown, entry: { isRequired: boolean; isText: boolean; minLength: number }): boolean {
  if (given === undefined || given === null) return true
  return given === '' && !entry.isRequired && (!entry.isText || entry.minLength > 0)
}

/** A map from short text to short text; the vendor's `properties`. */
function readMap(schema: Schema): Reader {
  const readValue = compile(Object.values(schema.patternProperties ?? {})[0] ?? { type: 'string', maxLength: 124 })
  return (value, field, issues, position) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return add(issues, { position, field, reason: 'WRONG_TYPE', description: 'must be an object' })
    }
    const keys = Object.keys(value)
    if (keys.length > 30)
      return add(issues, { position, field, reason: 'TOO_MANY', description: 'must have at most 30 entries' })
    const result: [string, unknown][] = []
    for (const key of keys) {
      if (key.length > 124 || key === '__proto__')
        return add(issues, { position, field, reason: 'MALFORMED', description: 'has a bad key' })
      result.push([key, readValue((value as Record<string, unknown>)[key], `${field}.${key}`, issues, position)])
    }
    return Object.fromEntries(result)
  }
}

function readArray(schema: Schema): Reader {
  const readItem = compile(schema.items ?? { type: 'string' })
  const { minItems = 0, maxItems = 1000, uniqueItems } = schema
  return (value, field, issues, position) => {
    const items = typeof value === 'string' && position === 'query' ? value.split(',') : value
    if (!Array.isArray(items))
      return add(issues, { position, field, reason: 'WRONG_TYPE', description: 'must be an array' })
    if (items.length > maxItems)
      return add(issues, { position, field, reason: 'TOO_MANY', description: `must have at most ${maxItems} items` })
    if (items.length < minItems)
      return add(issues, { position, field, reason: 'TOO_FEW', description: `must have at least ${minItems} items` })
    const result: unknown[] = []
    const seen = new Set<unknown>()
    for (let index = 0; index < items.length; index++) {
      const path = `${field}[${index}]`
      const read = readItem(items[index], path, issues, position)
      if (uniqueItems && seen.has(read) && read !== undefined)
        add(issues, { position, field: path, reason: 'DUPLICATE', description: 'is there twice' })
      seen.add(read)
      result.push(read)
    }
    return result
  }
}

function readInteger(schema: Schema): Reader {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER, enum: allowed } = schema
  const range = allowed ? `must be one of ${allowed.join(', ')}` : `must be ${minimum} to ${maximum}`
  return (value, field, issues, position) => {
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
      return add(issues, { position, field, reason: 'WRONG_TYPE', description: 'must be an integer' })
    }
    const fits = allowed ? allowed.includes(number) : number >= minimum && number <= maximum
    return fits ? number : add(issues, { position, field, reason: 'OUT_OF_RANGE', description: range })
  }
}

const readBoolean: Reader = (value, field, issues, position) => {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  return add(issues, { position, field, reason: 'WRONG_TYPE', description: 'must be true or false' })
}

function readString(schema: Schema): Reader {
  const { minLength = 0, maxLength = 10_000, enum: allowed, format } = schema
  const pattern = schema.pattern === undefined ? undefined : new RegExp(schema.pattern, 'u')
  return (value, field, issues, position) => {
    if (typeof value !== 'string')
      return add(issues, { position, field, reason: 'WRONG_TYPE', description: 'must be a string' })
    // a cheap bound before anything walks the text: no character takes more than two code units
    if (value.length > maxLength * 2)
      return add(issues, {
        position,
        field,
        reason: 'TOO_LONG',
        description: `must have at most ${maxLength} characters`,
      })
    if (!value.isWellFormed() || value.includes('\0')) {
      return add(issues, { position, field, reason: 'MALFORMED', description: 'must be well-formed text without NUL' })
    }
    const length = value.length > maxLength || value.length < minLength * 2 ? countCharacters(value) : value.length
    if (length > maxLength)
      return add(issues, {
        position,
        field,
        reason: 'TOO_LONG',
        description: `must have at most ${maxLength} characters`,
      })
    if (length < minLength)
      return add(issues, {
        position,
        field,
        reason: 'TOO_SHORT',
        description: `must have at least ${minLength} characters`,
      })
    if (allowed && !allowed.includes(value)) {
      return add(issues, {
        position,
        field,
        reason: 'NOT_ALLOWED',
        description: `must be one of ${allowed.join(', ')}`,
      })
    }
    if (pattern && !pattern.test(value))
      return add(issues, { position, field, reason: 'MALFORMED', description: `must match ${schema.pattern}` })
    if (format === 'date-time')
      return (
        readMoment(value) ??
        add(issues, { position, field, reason: 'MALFORMED', description: 'must be a time in ISO 8601' })
      )
    return value
  }
}

function countCharacters(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}

const momentForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?)?$/

/** The moment as ISO 8601 UTC with milliseconds, or undefined when the text is no moment of the years 1970 to 9999. */
export function readMoment(value: string): string | undefined {
  const match = momentForm.exec(value)
  if (!match) return undefined
  const [, day, time = '00:00:00', fraction = '0', zone = 'Z'] = match
  const parsed = new Date(
    `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone === 'Z' ? 'Z' : withColon(zone)}`,
  )
  const milliseconds = parsed.getTime()
  if (Number.isNaN(milliseconds) || milliseconds < 0 || milliseconds > 253_402_300_799_999) return undefined
  return day !== undefined && isRealDay(day) ? parsed.toISOString() : undefined
}

function withColon(zone: string): string {
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
}

function isRealDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}
