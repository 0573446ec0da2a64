import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compileReader, type Endpoint, endpoints, errorKinds, type Issue } from '@driveway/contract'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { Json } from './openapi-examples.ts'
import { answerExample, buildOpenApi, listErrors, takesIdempotencyKey, requestExample } from './openapi.ts'

const document = buildOpenApi({ publicUrl: 'https://drive.example.com' })
const table: Endpoint[] = Object.values(endpoints)

interface Operation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name?: string; in?: string; $ref?: string; required?: boolean; example?: Json }[]
  requestBody?: { content: { 'application/json'?: { example?: Json } } }
  responses: Record<string, { content?: { 'application/json'?: { example?: Json; examples?: Record<string, Json> } } }>
}

function findOperation(path: string, method: string): Operation {
  const operation = document.paths[path]?.[method.toLowerCase()]
  assert.ok(operation, `${method} ${path} is in the document`)
  return operation as unknown as Operation
}

function allOperations(): Operation[] {
  const methods = Object.values(document.paths).flatMap((path) => Object.values(path))
  return methods as unknown as Operation[]
}

test('the document is valid OpenAPI 3.1 for an independent validator', async () => {
  const validator = new Validator()
  const result = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>)
  assert.deepEqual(result.errors ?? [], [])
  assert.equal(result.valid, true)
  assert.equal(validator.version, '3.1')
})

test('every reference in the document leads somewhere', () => {
  const text = JSON.stringify(document)
  const references = [...text.matchAll(/"\$ref":"#\/components\/([^/"]+)\/([^/"]+)"/g)]
  assert.equal(references.length, text.split('"$ref"').length - 1)
  for (const [, kind = '', name = ''] of references) {
    assert.ok(document.components[kind]?.[name], `components/${kind}/${name} is there`)
  }
})

test('every component is used', () => {
  const text = JSON.stringify(document)
  for (const kind of ['schemas', 'parameters', 'headers', 'examples']) {
    for (const name of Object.keys(document.components[kind] ?? {})) {
      assert.ok(text.includes(`"#/components/${kind}/${name}"`), `components/${kind}/${name} is used`)
    }
  }
})

test('no two operations have one id, and each has a described tag', () => {
  const operations = allOperations()
  const names = operations.map(({ operationId }) => operationId)
  assert.equal(new Set(names).size, names.length)
  const tags = new Set(document.tags.map(({ name }) => name))
  for (const operation of operations) {
    assert.ok(
      operation.tags.every((tag) => tags.has(tag)),
      `${operation.operationId} has a known tag`,
    )
  }
  const used = new Set(operations.flatMap((operation) => operation.tags))
  assert.deepEqual(
    [...tags].filter((tag) => !used.has(tag)),
    [],
  )
})

test('the calls that take an Idempotency-Key are those whose work is done once', () => {
  const modules = fileURLToPath(new URL('../modules', import.meta.url))
  const sources = globSync('**/*.ts', { cwd: modules }).map((file) => readFileSync(`${modules}/${file}`, 'utf8'))
  const names = sources.flatMap((source) =>
    [...source.matchAll(/\bonce\(ctx, '(\w+)'/g)].map((match) => match[1] ?? ''),
  )
  assert.deepEqual(new Set(names), new Set(table.filter(takesIdempotencyKey).map((endpoint) => endpoint.name)))
})

test('the routes outside the contract are there too', () => {
  findOperation('/bytes/upload/{token}', 'put')
  findOperation('/bytes/download/{token}/{fileName}', 'get')
  findOperation('/bytes/download/{token}/{fileName}', 'head')
  findOperation('/healthz', 'get')
  findOperation('/readyz', 'get')
})

for (const endpoint of table) {
  const routes = [{ method: endpoint.method, path: endpoint.path }, ...(endpoint.twins ?? [])]

  test(`${endpoint.name}: every route has an example and all its failures`, () => {
    for (const { method, path } of routes) {
      const operation = findOperation(path, method)
      assert.ok(operation.responses['200']?.content?.['application/json']?.example, `${method} ${path} has an example`)
      for (const reason of listErrors(endpoint)) {
        const response = operation.responses[String(errorKinds[reason].status)]
        assert.ok(response?.content?.['application/json']?.examples?.[reason], `${method} ${path} lists ${reason}`)
      }
    }
  })

  test(`${endpoint.name}: every field has its place`, () => {
    for (const { method, path } of routes) {
      const { parameters = [], requestBody } = findOperation(path, method)
      const named = (place: string): string[] => parameters.filter((p) => p.in === place).map((p) => p.name ?? '')
      assert.deepEqual(named('path'), Object.keys(endpoint.params?.properties ?? {}))
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      assert.deepEqual(new Set(named('path')), new Set(inPath))
      const query = Object.keys(endpoint.query?.properties ?? {})
      const body = Object.keys(endpoint.body?.properties ?? {})
      assert.deepEqual(named('query'), method === 'GET' ? [...query, ...body] : query)
      assert.equal(requestBody !== undefined, method !== 'GET' && endpoint.body !== undefined)
    }
  })

  test(`${endpoint.name}: the example of a request is taken as it stands`, () => {
    const example = requestExample(endpoint)
    const read = [endpoint.params, endpoint.query, endpoint.body].map((part) => {
      const issues: Issue[] = []
      const own = Object.entries(example).filter(([name]) => Object.hasOwn(part?.properties ?? {}, name))
      const value = part ? compileReader(part)(Object.fromEntries(own), '', issues, 'body') : {}
      assert.deepEqual(issues, [])
      return value as Record<string, unknown>
    })
    assert.deepEqual(withoutDefaults(Object.assign({}, ...read) as Record<string, unknown>, example), example)
  })

  test(`${endpoint.name}: the example of an answer has exactly the declared fields and types`, () => {
    const { code, msg, ...example } = answerExample(endpoint)
    assert.deepEqual([code, msg], [0, 'OK'])
    const issues: Issue[] = []
    assert.deepEqual(compileReader(endpoint.answer)(example, '', issues, 'body'), example)
    assert.deepEqual(issues, [])
  })
}

/** The reader fills in defaults that the example leaves out; everything else must come back as it went in. */
function withoutDefaults(read: Record<string, unknown>, example: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(read).filter(([name]) => Object.hasOwn(example, name)))
}
