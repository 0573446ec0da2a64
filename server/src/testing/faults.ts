import type { Parted, Place } from './wire.ts'

/** The schema of a field, as far as faults are made from it. */
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
  required?: string[]
}

export type Position = keyof Parted

/** A field of an endpoint. */
export interface Field {
  position: Position
  /** Names and indexes down to it. */
  path: (string | number)[]
  schema: Schema
  isRequired: boolean
}

/** One thing wrong with an otherwise good input. */
export interface Fault {
  title: string
  field: Field
  /** The field that has to be named, as the wire names it. */
  param: string
  value: unknown
}

/** Stands for a field that is not sent. */
export const absent = Symbol('absent')

/** The JSON path of a field, such as `multiParts[0].partSize`. */
export function paramOf(path: (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** Every field of a place, those inside objects and lists too. */
export function fieldsOf(place: Place): Field[] {
  const { headers, params, query, body } = place.endpoint
  const of = (schema: unknown, position: Position) => (schema ? inside(schema as Schema, position, []) : [])
  return [
    ...of(headers, 'header'),
    ...of(params, 'path'),
    ...of(query, 'query'),
    ...of(body, place.isBodyInQuery ? 'query' : 'body'),
  ]
}

function inside(schema: Schema, position: Position, path: (string | number)[]): Field[] {
  if (schema.type === 'array' && schema.items) {
    const item: Field = { position, path: [...path, 0], schema: schema.items, isRequired: false }
    return [item, ...inside(schema.items, position, item.path)]
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const isRequired = schema.required?.includes(name) ?? false
    const field: Field = { position, path: [...path, name], schema: property, isRequired }
    return [field, ...inside(property, position, field.path)]
  })
}

/** The input with one field replaced, or taken away. */
export function withValue(parted: Parted, field: Pick<Field, 'position' | 'path'>, value: unknown): Parted {
  const copy = structuredClone(parted)
  let target = (copy[field.position] ??= {}) as Record<string | number, unknown>
  for (const [index, step] of field.path.slice(0, -1).entries()) {
    target[step] ??= typeof field.path[index + 1] === 'number' ? [] : {}
    target = target[step] as Record<string | number, unknown>
  }
  const last = field.path.at(-1) ?? ''
  if (value === absent) delete target[last]
  else target[last] = value
  return copy
}

/** Everything that a schema forbids, field by field. */
export function faultsOf(place: Place): Fault[] {
  return fieldsOf(place).flatMap((field) => {
    const isText = field.position !== 'body'
    const values = [...missing(field, isText), ...(isText ? wrongText(field) : wrongValue(field))]
    return values.map(([title, value, at]) => ({
      title: `${paramOf(field.path)} ${title}`,
      field,
      param: paramOf(at === undefined ? field.path : [...field.path, at]),
      value,
    }))
  })
}

/** What is wrong, the value, and the index of the item at fault when it is one of a list. */
type Wrong = [title: string, value: unknown, at?: number]

function missing({ isRequired, position }: Field, isText: boolean): Wrong[] {
  if (!isRequired || position === 'path') return []
  return isText
    ? [['is missing', absent]]
    : [
        ['is missing', absent],
        ['is null', null],
      ]
}

function wrongText(field: Field): Wrong[] {
  const { schema, position } = field
  const twice: Wrong[] = position === 'query' && schema.type !== 'array' ? [['is there twice', ['1', '1']]] : []
  switch (schema.type) {
    case 'integer': {
      const texts = ['abc', '1.5', 'NaN', '1e3', 'Infinity', '0x10', '-', '9'.repeat(17), ' 1', '1,2', '%']
      return [...twice, ...[...texts, ...outside(schema).map(String)].map((text): Wrong => [`is ${text}`, text])]
    }
    case 'boolean':
      return [...twice, ...['yes', '1', 'TRUE', 'null'].map((text): Wrong => [`is ${text}`, text])]
    case 'string':
      // only JSON can carry half a character, and a header nothing but ASCII
      if (position === 'header') return wrongString(schema, []).filter(([, text]) => /^[ -~]*$/.test(String(text)))
      // and an address has no more than 16 KiB
      return [
        ...twice,
        ...wrongString(schema, ['a\0b']).filter(([, text]) => encodeURIComponent(String(text)).length < 15_000),
      ]
    default:
      return twice
  }
}

function wrongValue(field: Field): Wrong[] {
  const { schema, isRequired } = field
  const kinds: [string, unknown][] = [
    ['string', 'nonsense'],
    ['integer', 5],
    ['fraction', 1.5],
    ['boolean', true],
    ['object', { a: 1 }],
    ['array', ['x']],
    ['array', []],
    ['array', [[[]]]],
  ]
  const types = kinds
    .filter(([kind]) => kind !== schema.type)
    .map(([kind, value]): Wrong => [`is ${kind === 'array' ? 'an' : 'a'} ${kind}`, value])
  switch (schema.type) {
    case 'string':
      return [...types, ...wrongString(schema, ['a\0b', 'a\ud800', '\udc00a'])]
    case 'integer': {
      const values = [
        '1e3',
        'NaN',
        'Infinity',
        '0x10',
        ' 1',
        '1 ',
        '1.0',
        ...(isRequired ? [''] : []),
        ...outside(schema),
      ]
      return [...types, ...values.map((value): Wrong => [`is ${JSON.stringify(value)}`, value])]
    }
    case 'boolean':
      return [...types, ...['yes', 'TRUE', '1', '0'].map((value): Wrong => [`is ${value}`, value])]
    case 'array':
      return [...types, ...wrongList(schema)]
    default:
      return types
  }
}

function outside({ minimum, maximum, enum: allowed }: Schema): number[] {
  const numbers = allowed as number[] | undefined
  const [low, high] = numbers ? [Math.min(...numbers), Math.max(...numbers)] : [minimum, maximum]
  return [
    ...(low === undefined ? [] : [low - 1]),
    ...(high === undefined ? [] : [high + 1]),
    2 ** 53,
    -(2 ** 53),
    1e308,
  ]
}

function wrongString(schema: Schema, malformed: string[]): Wrong[] {
  const { minLength = 0, maxLength = 10_000, pattern, enum: allowed, format } = schema
  const wrong: Wrong[] = malformed.map((text) => [`is ${JSON.stringify(text)}`, text])
  wrong.push([`has ${maxLength + 1} characters`, 'a'.repeat(maxLength + 1)])
  wrong.push([`has ${maxLength + 1} characters of two units`, '😀'.repeat(maxLength + 1)])
  if (minLength > 1) wrong.push(['is too short', 'a'.repeat(minLength - 1)])
  if (allowed) wrong.push(['is not of the set', 'z'])
  if (pattern !== undefined) {
    const form = new RegExp(pattern, 'u')
    const texts = [
      '../up',
      '..\\up',
      'a/b',
      '/',
      'a b',
      '<x>',
      'ä',
      '😀',
      '%2e%2e',
      'a\nb',
      "' or 1=1 --",
      '$' + '{x}',
      '|',
    ]
    for (const text of texts) {
      if (!form.test(text) && Array.from(text).length <= maxLength) wrong.push([`is ${JSON.stringify(text)}`, text])
    }
  }
  if (format === 'date-time') {
    const texts = ['yesterday', '2026-02-30', '2026-13-01', '2026-01-01T25:00:00Z', '1969-12-31', '12026-01-01', '0']
    for (const text of texts) wrong.push([`is ${text}`, text])
  }
  return wrong
}

function wrongList({ items, minItems = 0, maxItems = 1000, uniqueItems }: Schema): Wrong[] {
  const one = items?.type === 'object' ? {} : '1'
  const wrong: Wrong[] = [
    [
      `has ${maxItems + 1} items`,
      Array.from({ length: maxItems + 1 }, (_, index) => (items?.type === 'object' ? one : String(index))),
    ],
  ]
  if (minItems > 0) wrong.push(['is too short', Array.from({ length: minItems - 1 }, () => one)])
  if (uniqueItems) wrong.push(['has an item twice', ['same', 'other', 'same'], 2])
  return wrong
}
