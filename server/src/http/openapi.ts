import {
  type Endpoint,
  type EndpointName,
  endpoints,
  errorKinds,
  type ErrorReason,
  type Method,
} from '@driveway/contract'
import { completeExample, type Json, type JsonObject, type JsonSchema } from './openapi-examples.ts'
import { describeExamples, describeFailures } from './openapi-failures.ts'
import { byteAndHealthPaths, byteErrors } from './openapi-plain.ts'
import { type Sample, samples } from './openapi-samples.ts'
import { errorSchema, headers, infoText, parameters, securitySchemes, sharedNames, tags } from './openapi-text.ts'

type Location = 'path' | 'query' | 'header'

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  openapi: '3.1.0'
  info: JsonObject
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, JsonObject>
  components: Record<string, JsonObject>
}

/** The OpenAPI 3.1 document of this server, made from the contract's table and nothing else (decision W13). */
export function buildOpenApi({ publicUrl }: { publicUrl: string }): OpenApiDocument {
  const table: Endpoint[] = Object.values(endpoints)
  const shared = new SharedSchemas(table)
  const paths: Record<string, JsonObject> = {}
  const taken = new Set<string>()
  for (const endpoint of table) {
    for (const { method, path } of [endpoint, ...(endpoint.twins ?? [])]) {
      const operationId = nameOperation(endpoint, method, taken)
      paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(endpoint, method, operationId, shared) }
    }
  }
  return {
    openapi: '3.1.0',
    info: infoText,
    // an address of its own origin is right wherever the document is read from
    servers: [{ url: publicUrl || '/' }],
    tags,
    paths: { ...paths, ...byteAndHealthPaths },
    components: {
      schemas: { Envelope: toJson(envelope), Error: errorSchema, ...shared.components },
      parameters,
      headers,
      examples: describeExamples([...table.flatMap(listErrors), ...byteErrors]),
      securitySchemes,
    },
  }
}

/** The failures an endpoint can answer with: its own, and those every endpoint of its kind has. */
export function listErrors(endpoint: Endpoint): ErrorReason[] {
  const reasons: ErrorReason[] = [...endpoint.errors, 'PARAMETER_INVALID']
  if (endpoint.body) reasons.push('BAD_REQUEST', 'BODY_TOO_LARGE')
  if (endpoint.caller === 'admin') reasons.push('NOT_AN_ADMINISTRATOR')
  if (needsCredential(endpoint)) reasons.push('TOKEN_INVALID')
  if (needsCredential(endpoint) && endpoint.caller !== 'session') reasons.push('SIGNATURE_INVALID')
  reasons.push('INTERNAL', 'UNAVAILABLE')
  return [...new Set(reasons)]
}

function needsCredential({ caller }: Endpoint): boolean {
  return caller === 'user' || caller === 'session' || caller === 'admin'
}

const envelope: JsonSchema = {
  type: 'object',
  description: 'What every answer begins with',
  required: ['code', 'msg'],
  properties: {
    code: { type: 'integer', description: '0 on success, else the number of the failure' },
    msg: { type: 'string', description: 'OK, or the failure in the language of the caller' },
  },
}

/** The vendor's object schemas that several endpoints share, each written once. */
class SharedSchemas {
  readonly components: JsonObject = {}
  private readonly names = new Map<string, string>()

  constructor(table: Endpoint[]) {
    for (const { body, answer } of table) for (const schema of [body, answer]) this.collect(plain(schema))
    for (const [text, name] of this.names) {
      this.components[name] = this.rewriteChildren(JSON.parse(text) as JsonSchema)
    }
  }

  /** The schema with every shared object in it replaced by a reference. */
  rewrite(schema: JsonSchema): Json {
    const name = this.names.get(JSON.stringify(schema))
    return name === undefined ? this.rewriteChildren(schema) : { $ref: `#/components/schemas/${name}` }
  }

  private collect(schema: JsonSchema): void {
    const name = sharedNames[schema.description ?? '']
    if (name !== undefined && schema.type === 'object') this.names.set(JSON.stringify(schema), name)
    for (const child of [...(schema.items ? [schema.items] : []), ...Object.values(schema.properties ?? {})]) {
      this.collect(child)
    }
  }

  private rewriteChildren(schema: JsonSchema): Json {
    const { items, properties, ...rest } = schema
    const result = toJson(rest) as JsonObject
    if (properties) {
      const entries = Object.entries(properties)
      result.properties = Object.fromEntries(entries.map(([name, property]) => [name, this.rewrite(property)]))
    }
    if (items) result.items = this.rewrite(items)
    return result
  }
}

/** A schema of the contract as plain JSON Schema; one that is not there has no fields. */
function plain(schema: object | undefined): JsonSchema {
  return (schema ?? {}) as JsonSchema
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}

function nameOperation({ name }: Endpoint, method: Method, taken: Set<string>): string {
  const candidates = [name, `${name}By${method.charAt(0)}${method.slice(1).toLowerCase()}`, `${name}Twin`]
  const operationId = candidates.find((candidate) => !taken.has(candidate)) ?? `${name}${taken.size}`
  taken.add(operationId)
  return operationId
}

function describeOperation(endpoint: Endpoint, method: Method, operationId: string, shared: SharedSchemas): JsonObject {
  const takesBody = method !== 'GET' && endpoint.body !== undefined
  return {
    operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    security: describeSecurity(endpoint),
    parameters: describeParameters(endpoint, method, shared),
    ...(takesBody ? { requestBody: describeBody(endpoint, shared) } : {}),
    responses: describeResponses(endpoint, shared),
  }
}

function describeSecurity({ caller }: Endpoint): Json {
  const signedIn: Json[] = [{ bearer: [] }, { cookie: [] }]
  if (caller === 'anyone') return []
  if (caller === 'visitor') return [{}, ...signedIn]
  return caller === 'session' ? signedIn : [...signedIn, { appSignature: [] }]
}

/** A complete request of an endpoint, path and query included, that the server's own reader takes. */
export function requestExample(endpoint: Endpoint): Record<string, unknown> {
  const parts = [endpoint.params, endpoint.query, endpoint.body].filter((part) => part !== undefined)
  const given = Object.entries({ ...sampleOf(endpoint).request, ...endpoint.example?.request })
  return Object.assign(
    {},
    ...parts.map((part) => {
      const own = given.filter(([name]) => Object.hasOwn(part.properties, name))
      return completeExample(plain(part), Object.fromEntries(own))
    }),
  ) as Record<string, unknown>
}

/** What an endpoint answers to its example, `code` and `msg` included. */
export function answerExample(endpoint: Endpoint): Record<string, unknown> {
  const answer = completeExample(plain(endpoint.answer), {
    ...sampleOf(endpoint).answer,
    ...endpoint.example?.answer,
  })
  return { code: 0, msg: 'OK', ...(answer as Record<string, unknown>) }
}

function sampleOf({ name }: Endpoint): Sample {
  return Object.hasOwn(samples, name) ? (samples[name as EndpointName] ?? {}) : {}
}

function describeParameters(endpoint: Endpoint, method: Method, shared: SharedSchemas): Json[] {
  const example = requestExample(endpoint)
  const list = (location: Location, schema: JsonSchema): Json[] =>
    Object.entries(schema.properties ?? {}).map(([name, property]) =>
      describeParameter({
        name,
        location,
        schema: shared.rewrite(property),
        isRequired: schema.required?.includes(name) ?? false,
        example: toJson(example[name] ?? null),
      }),
    )
  const isGetTwin = method === 'GET' && endpoint.method !== 'GET'
  const common = ['traceId', 'language', ...(takesIdempotencyKey(endpoint) ? ['idempotencyKey'] : [])]
  return [
    ...list('path', plain(endpoint.params)),
    ...list('query', plain(endpoint.query)),
    ...(isGetTwin ? list('query', plain(endpoint.body)) : []),
    ...list('header', plain(endpoint.headers)),
    ...common.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ]
}

interface Parameter {
  name: string
  location: Location
  schema: Json
  isRequired: boolean
  example: Json
}

function describeParameter({ name, location, schema, isRequired, example }: Parameter): JsonObject {
  const { description, ...rest } = schema as JsonObject
  return {
    name,
    in: location,
    required: location === 'path' || isRequired,
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...(example === null ? {} : { example }),
  }
}

/** Decision S16: the calls whose repetition must not do the work twice. */
export function takesIdempotencyKey({ errors }: Endpoint): boolean {
  return errors.includes('IDEMPOTENCY_CONFLICT')
}

function describeBody(endpoint: Endpoint, shared: SharedSchemas): JsonObject {
  const schema = plain(endpoint.body)
  const own = Object.entries(requestExample(endpoint)).filter(([name]) => schema.properties?.[name] !== undefined)
  return {
    required: (schema.required?.length ?? 0) > 0,
    content: {
      'application/json': { schema: shared.rewrite(schema), example: toJson(Object.fromEntries(own)) },
    },
  }
}

function describeResponses(endpoint: Endpoint, shared: SharedSchemas): JsonObject {
  const reasons = listErrors(endpoint)
  const statuses = [...new Set(reasons.map((reason) => errorKinds[reason].status))].sort((a, b) => a - b)
  const failures = statuses.map((status) => [
    String(status),
    describeFailures(reasons.filter((reason) => errorKinds[reason].status === status)),
  ])
  return { '200': describeSuccess(endpoint, shared), ...(Object.fromEntries(failures) as JsonObject) }
}

function describeSuccess(endpoint: Endpoint, shared: SharedSchemas): JsonObject {
  const base = { $ref: '#/components/schemas/Envelope' }
  const answer = plain(endpoint.answer)
  const isEmpty = Object.keys(answer.properties ?? {}).length === 0
  return {
    description: 'Done',
    headers: { 'X-Traceid': { $ref: '#/components/headers/traceId' } },
    content: {
      'application/json': {
        schema: isEmpty ? base : { allOf: [base, shared.rewrite(answer)] },
        example: toJson(answerExample(endpoint)),
      },
    },
  }
}
