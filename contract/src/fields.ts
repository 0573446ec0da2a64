import Type, { type TProperties, type TSchema } from 'typebox'

/** An optional field. */
export const optional = Type.Optional

/** Free text of at most `maxLength` characters. */
export function text(description: string, maxLength: number, minLength = 1) {
  return Type.String({ description, minLength, maxLength })
}

/** An id of any kind: opaque, never a path. */
export function id(description: string) {
  return Type.String({ description, minLength: 1, maxLength: 100, pattern: '^[0-9A-Za-z_.-]+$' })
}

/** A list of at most `maxItems` different ids. */
export function ids(description: string, maxItems: number, minItems = 0) {
  return Type.Array(id('id'), { description, minItems, maxItems, uniqueItems: true })
}

export function integer(description: string, minimum: number, maximum: number, rest: { default?: number } = {}) {
  return Type.Integer({ description, minimum, maximum, ...rest })
}

export function flag(description: string) {
  return Type.Boolean({ description })
}

/** A moment: ISO 8601, or `yyyy-MM-dd HH:mm:ss` taken as UTC. It reaches the rules as ISO 8601 UTC with milliseconds. */
export function moment(description: string) {
  return Type.String({ description, format: 'date-time', maxLength: 40 })
}

/** Closed set of integers. */
export function choice(description: string, values: readonly number[], rest: { default?: number } = {}) {
  return Type.Integer({ description, enum: [...values], ...rest })
}

export function object<P extends TProperties>(description: string, properties: P) {
  return Type.Object(properties, { description })
}

export function list<T extends TSchema>(description: string, items: T, maxItems = 1000, minItems = 0) {
  return Type.Array(items, { description, minItems, maxItems })
}

/** An endpoint's fields of one kind: path, query or body. */
export function fields<P extends TProperties>(properties: P) {
  return Type.Object(properties)
}

/** A string of an answer. */
export function out(description: string) {
  return Type.String({ description })
}

/** An integer of an answer. */
export function outInteger(description: string) {
  return Type.Integer({ description })
}

/** SHA-256 in hex. */
export const sha256 = Type.String({
  description: 'SHA-256 of the content, 64 hex digits',
  pattern: '^[0-9A-Fa-f]{64}$',
  maxLength: 64,
})

export const pageSize = optional(integer('Records on a page', 1, 100, { default: 100 }))
export const pageCursor = Type.String({
  description: 'nextCursor of the answer before; empty or "0" for the first page',
  maxLength: 2000,
})
export const offset = optional(integer('Records to skip', 0, 1_000_000, { default: 0 }))
export const limit = optional(integer('Records on a page', 1, 100, { default: 100 }))
export const nextCursor = Type.Optional(out('Cursor of the next page; absent on the last one'))

/** The base path of the vendor's API. */
export const ose = '/koodrive/ose/v1'
