/** One value of the document; JSON. */
export type Json = string | number | boolean | null | Json[] | JsonObject

/** An object of the document. */
export type JsonObject = { [key: string]: Json }

/** The part of JSON Schema that the contract uses. */
export interface JsonSchema {
  type?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  patternProperties?: Record<string, JsonSchema>
  enum?: unknown[]
  default?: unknown
  minimum?: number
  minItems?: number
  pattern?: string
  [keyword: string]: unknown
}

const space = 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4'
const moment = '2026-11-21T10:00:00.000Z'

/** What a text field of this name and description could hold; the first match wins. */
const texts: [RegExp, string][] = [
  [/^containers/i, space],
  [/^parentfolder parent folder( |$)/i, `DEUI7pa0C24Aroot${space}`],
  [/^filepath/i, `/DEUI7pa0C24Aroot${space}/FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr`],
  [/^outcome/i, 'created'],
  [/^taskname/i, 'Copy'],
  [/final name/i, 'Report.pdf'],
  [/space id|^(src|dst)?containerid|personal space|target space|source space|space that holds/i, space],
  [/^(biz)?rootfileid/i, `DEUI7pa0C24Aroot${space}`],
  [/^bizsboxfileid/i, `DEUI7pa0C24Asbox${space}`],
  [/^fileidpath/i, `/DEUI7pa0C24Aroot${space}/FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr`],
  [/^namepath/i, `/root${space}/Report.pdf`],
  [/root or a folder id/i, 'root'],
  [/file id|folder id|folder inside|parent folder|^fileids|^newfileid/i, 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr'],
  [/job id|^taskid/i, '1309243162258308352'],
  [/share id/i, '1689743054514187776'],
  [/sharing short code/i, 'h2Rk0nGd8VbqT5yLw3XsMp'],
  [/access code/i, 'MDg2K0vU'],
  [/temporary token/i, '561bd7f1a8f04c3f9be0d7a3a1c8e6b25b3f301f11ee46f0'],
  [/app id/i, '3f6c0a5e9d1b47c28a40e5d7b61f93822c7e1a0b5d4f68937e2c1b0a9f8d6e54'],
  [/secret/i, '9b1d0c4f7e2a58361f0d9c8b7a6e5d4c3b2a19080f7e6d5c4b3a29181706f5e4'],
  [/sha-256/i, '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'],
  [/in 32 hex/i, 'b06f091567064db9a1f6a7dc8d08e8a7'],
  [/upload id/i, '0000018CD26464022026422966B8879A'],
  [/48 hex|session id/i, '6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be'],
  [/(put|takes the bytes)/i, 'https://drive.example.com/bytes/upload/eyJwYXJ0IjoxfQ'],
  [/good for (one hour|3600)/i, 'https://drive.example.com/bytes/download/eyJmaWxlIjoxfQ/Report.pdf'],
  [/enterprise id, a dash/i, '40086000004871666-1505084218764547200'],
  [/enterprise id/i, '40086000004871666'],
  [/organisation id/i, '9190086000001210958'],
  [/organisation name/i, 'Analytical Engines Ltd'],
  [/department name|^deptname/i, 'Sales'],
  [/department|^deptid/i, '1245640257345455489'],
  [/group id/i, '1407237551361847809'],
  [/^userid opaque/i, 'MTUwNTA4NDIxODc2NDU0NzIwMC0xMDAwMDAwMDAwMDAwMDAwMA'],
  [/user, department or group|user id|users? that failed|id of the (person|sharer)|^userids/i, '1505084218764547200'],
  [/part id/i, '1309243162258308353'],
  [/epoch milliseconds/i, '1795255200000'],
  [/yyyymmdd/i, '20261121100000'],
  [/iso 8601|time/i, moment],
  [/^mimetype|content type/i, 'application/pdf'],
  [/^filetype/i, '45'],
  [/suffix|extension/i, 'pdf'],
  [/^(filename|name) (file|final|new)? ?name, 1|^filename/i, 'Report.pdf'],
  [/drive#user/i, 'drive#user'],
  [/drive#filelist/i, 'drive#fileList'],
  [/drive#file/i, 'drive#file'],
  [/mobile/i, '0086181****8439'],
  [/e-mail/i, 'ada@example.com'],
  [/^password/i, 'analytical engine'],
  [/account/i, 'ada'],
  [/number of the item|^status/i, '1'],
  [/^(code|resultcode)/i, '0'],
  [/^(msg|resultdesc)/i, 'OK'],
  [/group/i, 'Reviewers'],
  [/days left/i, '7'],
  [/^role/i, '1'],
  [/name/i, 'Ada Lovelace'],
  [/^id /i, '1505084218764547200'],
]

/** A value that fits `schema`: what `given` says, and for every required field that it leaves out something plausible. */
export function completeExample(schema: JsonSchema, given?: unknown, name = ''): unknown {
  if (schema.type === 'object' && schema.properties) return completeObject(schema, given)
  if (schema.type === 'array' && schema.items) return completeArray(schema, given, name)
  return given ?? exampleValue(schema, name)
}

function completeObject(schema: JsonSchema, given: unknown): Record<string, unknown> {
  const source = new Map(typeof given === 'object' && given !== null ? Object.entries(given) : [])
  const properties = Object.entries(schema.properties ?? {})
  const wanted = properties.filter(([name]) => source.has(name) || schema.required?.includes(name))
  const known = wanted.map(([name, property]) => [name, completeExample(property, source.get(name), name)] as const)
  const unknown = [...source].filter(([name]) => !properties.some(([property]) => property === name))
  return Object.fromEntries([...known, ...unknown])
}

function completeArray(schema: JsonSchema, given: unknown, name: string): unknown[] {
  const { items = {} } = schema
  if (Array.isArray(given)) return given.map((item: unknown) => completeExample(items, item, name))
  return name === 'failedList' || name === 'departments' ? [] : [completeExample(items, undefined, name)]
}

function exampleValue(schema: JsonSchema, name: string): unknown {
  if (schema.enum) return schema.default ?? schema.enum[0]
  if (schema.type === 'integer') return exampleInteger(schema, name)
  if (schema.type === 'boolean') return !/favorite|recycled|exist|rapid|received/.test(name)
  if (schema.type === 'object') return {}
  const subject = `${name} ${schema.description ?? ''}`
  return texts.find(([pattern]) => pattern.test(subject))?.[1] ?? (name || 'text')
}

/** What a number of this name could be; the first match wins. */
const numbers: [RegExp, number][] = [
  [/^(size|length|spaceUsed|partSize)$/, 48_213],
  [/^expiresIn$/, 1200],
  [/^progress$/, 100],
  [/^actionType$/, 101],
  [/^capacity$/, 20],
  [/total|created|userCount|contentNum|validDays|role|row|partNumber|taskType|batchCode|^type$/, 1],
]

function exampleInteger(schema: JsonSchema, name: string): number {
  return numbers.find(([pattern]) => pattern.test(name))?.[1] ?? Number(schema.default ?? schema.minimum ?? 0)
}
