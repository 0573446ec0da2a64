import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkImports, listImports, moduleOrder, readTree } from './import-rules.ts'

const from = (specifier: string): string => `import { x } from '${specifier}'\n`
const typesFrom = (specifier: string): string => `import type { x } from '${specifier}'\n`

const module = 'server/src/modules'

const forbidden: [what: string, file: string, source: string, says: RegExp][] = [
  ['contract importing another workspace', 'contract/src/a.ts', from('@driveway/sdk'), /no other workspace/],
  ['contract reaching into another workspace by path', 'contract/src/a.ts', from('../../sdk/src/b.ts'), /no other/],
  ['a test of contract importing another workspace', 'contract/src/a.test.ts', from('@driveway/server'), /no other/],
  ['contract importing mere types of another workspace', 'contract/src/a.ts', typesFrom('@driveway/sdk'), /no other/],
  ['sdk importing the server', 'sdk/src/a.ts', from('@driveway/server'), /sdk may import contract/],
  ['web importing the server', 'web/src/a.tsx', from('@driveway/server'), /web may import contract, sdk/],
  ['web importing a Node module', 'web/src/a.ts', from('node:path'), /browser/],
  ['web importing a Node module by its old name', 'web/src/a.ts', from('fs/promises'), /browser/],
  ['server importing the sdk', 'server/src/app.ts', from('@driveway/sdk'), /server may import contract/],
  ['server importing the cli', 'server/src/app.ts', `await import('@driveway/cli')`, /server may import contract/],
  ['product code importing tools', 'cli/src/a.ts', from('../../tools/test.ts'), /cli may import/],
  ['queries knowing the context', `${module}/files/files.queries.ts`, from('../../context.ts'), /queries know db/],
  ['queries knowing a service', `${module}/files/files.queries.ts`, from('./files.service.ts'), /queries know db/],
  [
    'queries knowing values of the contract',
    `${module}/files/a.queries.ts`,
    from('@driveway/contract'),
    /queries know/,
  ],
  ['queries knowing another package', `${module}/files/a.queries.ts`, from('fastify'), /queries know/],
  ['a service knowing Fastify', `${module}/files/files.service.ts`, typesFrom('fastify'), /no HTTP/],
  ['a service knowing http/', `${module}/files/files.service.ts`, from('../../http/envelope.ts'), /no HTTP/],
  ['a service knowing node:http', `${module}/files/files.service.ts`, from('node:http'), /no HTTP/],
  ['a service knowing its routes', `${module}/files/files.service.ts`, from('./files.routes.ts'), /no HTTP/],
  ['a file without a role knowing Fastify', `${module}/files/files.search.ts`, from('@fastify/static'), /no HTTP/],
  [
    "a service using another module's queries",
    `${module}/files/files.service.ts`,
    from('../spaces/spaces.queries.ts'),
    /only the module spaces/,
  ],
  ['http/ using queries', 'server/src/http/mount.ts', from('../modules/auth/auth.queries.ts'), /only the module auth/],
  ['routes using queries', `${module}/files/files.routes.ts`, from('./files.queries.ts'), /routes know/],
  [
    "routes using another module's service",
    `${module}/files/a.routes.ts`,
    from('../auth/auth.service.ts'),
    /routes know/,
  ],
  ['routes using db/', `${module}/files/files.routes.ts`, from('../../db/schema.ts'), /routes know/],
  ['a module to the right', `${module}/files/files.service.ts`, from('../shares/shares.service.ts'), /to its left/],
  ['a module without a place', `${module}/zebra/zebra.service.ts`, from('../../context.ts'), /no place in moduleOrder/],
  ['an import of a module without a place', `${module}/jobs/a.service.ts`, from('../zebra/zebra.service.ts'), /left/],
  ['a service choosing a database', `${module}/files/a.service.ts`, from('../../db/sqlite.ts'), /choose the database/],
  ['a service choosing a blob store', `${module}/files/a.service.ts`, from('../../blobs/s3.ts'), /choose the database/],
  ['the cli choosing a database', 'cli/src/a.ts', from('../../server/src/db/open.ts'), /choose the database/],
  ['db/ knowing modules', 'server/src/db/open.ts', from('../modules/files/files.service.ts'), /db\/ lies below/],
  ['blobs/ knowing db/', 'server/src/blobs/disk.ts', from('../db/schema.ts'), /blobs\/ lies below/],
]

for (const [what, file, source, says] of forbidden) {
  test(`the import rules report ${what}`, () => {
    const violations = checkImports({ [file]: `const first = 1\n${source}` })
    assert.ok(violations.length > 0, 'nothing was reported')
    assert.match(violations.map((violation) => violation.message).join('\n'), says)
    assert.deepEqual([violations[0]?.file, violations[0]?.line], [file, 2])
  })
}

test('the import rules report database and storage drivers outside their folder', () => {
  const tree = { 'server/src/context.ts': from('pg') + from('node:sqlite') + from('@aws-sdk/client-s3') }
  assert.equal(checkImports(tree).length, 3)
})

const allowed: Record<string, string> = {
  'contract/src/shares.ts': from('./files.ts') + from('typebox'),
  'sdk/src/client.ts': from('@driveway/contract'),
  'web/src/app.tsx': from('@driveway/sdk') + from('react'),
  'web/src/app.test.ts': from('node:test') + from('./app.tsx'),
  'web/vite.config.ts': from('node:path'),
  'cli/src/main.ts': `await import('@driveway/server')`,
  'server/src/main.ts': from('./db/open.ts') + from('./blobs/disk.ts'),
  'server/src/db/open.ts': from('./sqlite.ts') + from('node:sqlite'),
  'server/src/context.ts': typesFrom('./db/open.ts'),
  [`${module}/shares/shares.routes.ts`]:
    from('./shares.service.ts') +
    from('../../http/mount.ts') +
    from('@driveway/contract') +
    typesFrom('../../context.ts'),
  [`${module}/shares/shares.service.ts`]:
    from('./shares.queries.ts') + from('../access/access.service.ts') + from('../../errors.ts') + from('node:crypto'),
  [`${module}/shares/shares.queries.ts`]:
    from('../../db/schema.ts') + from('kysely') + `import { type File, type Share } from '@driveway/contract'\n`,
  [`${module}/audit/audit.test.ts`]: from('../shares/shares.queries.ts') + from('@driveway/sdk'),
  'server/src/testing/drive.ts': from('@driveway/sdk') + from('../db/sqlite.ts'),
}

for (const [file, source] of Object.entries(allowed)) {
  test(`the import rules let ${file} import what it is for`, () => {
    assert.deepEqual(checkImports({ [file]: source }), [])
  })
}

test('every form of import is seen, and text in comments is not', () => {
  const source = [
    `import 'a'`,
    `import b from 'b'`,
    `import * as c from "c"`,
    `import d, { e } from 'd'`,
    `import {`,
    `  f, // it's a comment`,
    `} from 'f'`,
    `export * from 'g'`,
    `export * as h from 'h'`,
    `export { i } from 'i'`,
    `export const j = () => import('j')`,
    `import type { k } from 'k'`,
    `import { type l, type m } from 'l'`,
    `import { type n, o } from 'n'`,
    `// import { x } from 'x'`,
    ` * await import('x')`,
    `const y = 1 // import('x')`,
  ].join('\n')
  const seen = listImports(source).map(({ specifier, isTypeOnly }) => (isTypeOnly ? `type ${specifier}` : specifier))
  assert.deepEqual(seen.toSorted(), ['a', 'b', 'c', 'd', 'f', 'g', 'h', 'i', 'j', 'n', 'type k', 'type l'])
})

test('the module order names each module once', () => {
  assert.equal(new Set(moduleOrder).size, moduleOrder.length)
})

test('this checkout keeps the import rules', () => {
  const tree = readTree(fileURLToPath(new URL('..', import.meta.url)))
  assert.ok('tools/import-rules.ts' in tree, 'the sources were not read')
  assert.deepEqual(checkImports(tree), [])
})
