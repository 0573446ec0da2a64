import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The modules of the server in their order: each may use only modules to its left. */
export const moduleOrder = [
  'audit',
  'directory',
  'auth',
  'access',
  'spaces',
  'files',
  'people',
  'transfers',
  'jobs',
  'shares',
  'messages',
]

/** What each workspace may import of the others; `server` outside its tests. A workspace not named here may import all. */
export const workspaceImports: Record<string, string[]> = {
  contract: [],
  server: ['contract'],
  sdk: ['contract'],
  cli: ['contract', 'sdk', 'server'],
  web: ['contract', 'sdk'],
}

/** One import, export-from or dynamic import: what it names, on which line (from 1), and whether it brings types only. */
export interface ImportStatement {
  specifier: string
  line: number
  isTypeOnly: boolean
}

/** One broken rule, as `file:line` and a sentence. */
export interface Violation {
  file: string
  line: number
  message: string
}

interface Edge {
  from: string
  /** A path in the tree, or undefined for a Node module or a package. */
  path: string | undefined
  specifier: string
  isTypeOnly: boolean
}

type Rule = (edge: Edge) => string | undefined

const sources = '{contract,server,sdk,cli,web,e2e,bench,tools}/**/*.{ts,tsx}'
const staticImport =
  /^[ \t]*(?:import|export)\s+(type\s+)?((?:[\w$]+\s*,?\s*)?(?:\*(?:\s*as\s+[\w$]+)?|\{[^}]*\})?)\s*from\s*(['"])([^'"\n]+)\3/gm
const bareImport = /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm
const dynamicImport = /^(?![ \t]*(?:\*|\/\/))(?:(?!\/\/).)*?\bimport\(\s*(['"])([^'"\n]+)\1/gm

/** Every import of a TypeScript source, in no particular order. */
export function listImports(source: string): ImportStatement[] {
  const at = (index: number): number => source.slice(0, index).split('\n').length
  return [
    ...[...source.matchAll(staticImport)].map((match) => ({
      specifier: match[4] ?? '',
      line: at(match.index),
      isTypeOnly: match[1] !== undefined || namesTypesOnly(match[2] ?? ''),
    })),
    ...[bareImport, dynamicImport].flatMap((pattern) =>
      [...source.matchAll(pattern)].map((match) => ({
        specifier: match[2] ?? '',
        line: at(match.index),
        isTypeOnly: false,
      })),
    ),
  ]
}

function namesTypesOnly(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1]?.split(',') ?? ['']
  const given = names.map((name) => name.trim()).filter((name) => name !== '')
  return given.length > 0 && given.every((name) => name.startsWith('type '))
}

/** Every import in `tree` (path from the root → source) that goes against ARCHITECTURE.md, "Who may import whom". */
export function checkImports(tree: Record<string, string>): Violation[] {
  return Object.entries(tree).flatMap(([from, source]) =>
    listImports(source).flatMap(({ specifier, line, isTypeOnly }) => {
      const edge = { from, path: resolvePath(from, specifier), specifier, isTypeOnly }
      const broken = rules.map((rule) => rule(edge)).filter((message) => message !== undefined)
      return broken.map((message) => ({ file: from, line, message: `imports ${specifier}: ${message}` }))
    }),
  )
}

function resolvePath(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  const own = /^@driveway\/([^/]+)/.exec(specifier)?.[1]
  return own === undefined ? undefined : `${own}/src/index.ts`
}

function isTest(path: string): boolean {
  return /\.(test|contract)\.tsx?$/.test(path) || path.startsWith('server/src/testing/')
}

function workspaceOf(path: string): string {
  return path.split('/')[0] ?? ''
}

function moduleOf(path: string): string | undefined {
  return /^server\/src\/modules\/([^/]+)\//.exec(path)?.[1]
}

type Role = 'queries' | 'routes' | 'service'

/** A module's file without a role of its own (`shares.gate.ts`) is held to the rules of a service. */
function roleOf(path: string): Role | undefined {
  if (moduleOf(path) === undefined || isTest(path)) return undefined
  if (path.endsWith('.queries.ts')) return 'queries'
  return path.endsWith('.routes.ts') ? 'routes' : 'service'
}

function keepWorkspaces({ from, path }: Edge): string | undefined {
  const [own, other] = [workspaceOf(from), workspaceOf(path ?? from)]
  const allowed = workspaceImports[own]
  if (own === other || allowed === undefined || allowed.includes(other)) return undefined
  if (own === 'server' && isTest(from)) return undefined
  // the SDK is tested against the real server
  if (own === 'sdk' && isTest(from) && other === 'server') return undefined
  return `${own} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other workspace'}`
}

function keepWebInBrowser({ from, specifier }: Edge): string | undefined {
  const isBrowserCode = from.startsWith('web/src/') && !isTest(from)
  return isBrowserCode && isBuiltin(specifier) ? 'web runs in a browser, without Node modules' : undefined
}

function keepQueriesPlain({ from, path, specifier, isTypeOnly }: Edge): string | undefined {
  if (roleOf(from) !== 'queries') return undefined
  const isOwnQueries = path !== undefined && roleOf(path) === 'queries' && moduleOf(path) === moduleOf(from)
  if (isOwnQueries || path?.startsWith('server/src/db/') || specifier === 'kysely') return undefined
  if (path !== undefined && workspaceOf(path) === 'contract' && isTypeOnly) return undefined
  return 'queries know db/ and types of the contract only'
}

function keepServicesFromHttp({ from, path, specifier }: Edge): string | undefined {
  if (roleOf(from) !== 'service') return undefined
  if (path?.startsWith('server/src/http/') || (path !== undefined && roleOf(path) === 'routes'))
    return 'a service knows no HTTP'
  return /^(fastify$|@fastify\/|(node:)?https?$|(node:)?http2$)/.test(specifier) ? 'a service knows no HTTP' : undefined
}

function keepQueriesPrivate({ from, path }: Edge): string | undefined {
  if (path === undefined || isTest(from) || roleOf(path) !== 'queries' || moduleOf(path) === moduleOf(from))
    return undefined
  return `only the module ${moduleOf(path) ?? ''} uses its own queries`
}

function keepRoutesThin({ from, path, specifier, isTypeOnly }: Edge): string | undefined {
  if (roleOf(from) !== 'routes') return undefined
  const isOwnService = path !== undefined && roleOf(path) === 'service' && moduleOf(path) === moduleOf(from)
  if (isOwnService || path?.startsWith('server/src/http/') || workspaceOf(path ?? '') === 'contract') return undefined
  if (isTypeOnly && (path === 'server/src/context.ts' || specifier === 'fastify')) return undefined
  return 'routes know the contract, their service and http/'
}

function keepModuleOrder({ from, path }: Edge): string | undefined {
  const [own, other] = [moduleOf(from), moduleOf(path ?? '')]
  if (own === undefined || isTest(from)) return undefined
  if (!moduleOrder.includes(own)) return `the module ${own} has no place in moduleOrder`
  if (other === undefined || other === own) return undefined
  const isToTheLeft = moduleOrder.includes(other) && moduleOrder.indexOf(other) < moduleOrder.indexOf(own)
  return isToTheLeft ? undefined : `${own} uses only modules to its left: ${moduleOrder.join(' · ')}`
}

const choosers = /^(server\/src\/(main|app)\.ts$|tools\/|bench\/|e2e\/)/
const engines = /^server\/src\/(db\/(open|sqlite|postgres)|blobs\/(open|disk|s3))[^/]*\.ts$/

function keepEnginesChosenOnce({ from, path, isTypeOnly }: Edge): string | undefined {
  if (path === undefined || !engines.test(path) || isTypeOnly || isTest(from) || choosers.test(from)) return undefined
  if (posix.dirname(from) === posix.dirname(path)) return undefined
  return 'only main.ts, app.ts and tests choose the database and the blob store'
}

const drivers: [RegExp, string][] = [
  [/^(node:sqlite|pg)$/, 'server/src/db/'],
  [/^@aws-sdk\//, 'server/src/blobs/'],
]

function keepDriversHome({ from, specifier }: Edge): string | undefined {
  const home = drivers.find(([pattern]) => pattern.test(specifier))?.[1]
  if (home === undefined || from.startsWith(home) || isTest(from) || choosers.test(from)) return undefined
  return `only ${home} knows this driver`
}

function keepLayers({ from, path }: Edge): string | undefined {
  const layer = /^server\/src\/(db|blobs)\//.exec(from)?.[1]
  if (layer === undefined || isTest(from) || path === undefined) return undefined
  const above = layer === 'db' ? /^server\/src\/(modules|http|blobs)\// : /^server\/src\/(modules|http|db)\//
  return above.test(path) ? `${layer}/ lies below modules, http/ and its neighbour` : undefined
}

const rules: Rule[] = [
  keepWorkspaces,
  keepWebInBrowser,
  keepQueriesPlain,
  keepServicesFromHttp,
  keepQueriesPrivate,
  keepRoutesThin,
  keepModuleOrder,
  keepEnginesChosenOnce,
  keepDriversHome,
  keepLayers,
]

/** The sources of the checkout at `root`, as path from there → text, without installed and built files. */
export function readTree(root: string): Record<string, string> {
  const files = globSync(sources, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' })
  return Object.fromEntries(
    files.map((file) => [file.replaceAll('\\', '/'), readFileSync(`${root}/${file}`, 'utf8')] as const),
  )
}

function main(): void {
  const tree = readTree(fileURLToPath(new URL('..', import.meta.url)))
  const count = Object.keys(tree).length
  const violations = checkImports(tree)
  for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`)
  console.log(`import rules: ${count} files, ${violations.length} violations`)
  if (count === 0 || violations.length > 0) process.exitCode = 1
}

if (import.meta.main) main()
