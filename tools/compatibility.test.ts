import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Endpoint, endpoints } from '../contract/src/index.ts'

const referenceSize = 133
const vendorPrefix = '/koodrive/'
const text = readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8')
const rows = [...text.matchAll(/^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| ([^|]+) \| ([^|]*)\|$/gm)].map(
  ([, method = '', path = '', state = '', what = '']) => ({ route: nameRoute(method, path), state, what: what.trim() }),
)

/** The names of path parameters differ between pages of the reference and do not count. */
function nameRoute(method: string, path: string): string {
  return `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`
}

const table: Endpoint[] = Object.values(endpoints)
const ownRoutes = table
  .filter(({ path }) => path.startsWith(vendorPrefix))
  .map(({ method, path }) => nameRoute(method, path))
const twinRoutes = table.flatMap(({ twins = [] }) => twins.map(({ method, path }) => nameRoute(method, path)))
const doneRoutes = rows.filter(({ state }) => state === 'done').map(({ route }) => route)

test('every endpoint of the contract, and every twin, has a row that says done', () => {
  const missing = [...ownRoutes, ...twinRoutes].filter((route) => !doneRoutes.includes(route))
  assert.deepEqual(missing, [])
})

test('no row says done that the contract lacks', () => {
  const served = new Set([...ownRoutes, ...twinRoutes])
  assert.deepEqual(
    doneRoutes.filter((route) => !served.has(route)),
    [],
  )
})

test('every row is either done or not yet, has no double, and says who misses what is not there', () => {
  const routes = rows.map(({ route }) => route)
  assert.deepEqual(
    routes.filter((route, index) => routes.indexOf(route) !== index),
    [],
  )
  for (const { route, state, what } of rows) {
    assert.ok(state === 'done' || state === 'not yet', `${route} is done or not yet`)
    assert.ok(state === 'done' || what !== '', `${route} says who is affected`)
  }
})

test('the whole reference is there, and the sums are right', () => {
  const ofReference = rows.filter(({ route }) => !twinRoutes.includes(route))
  assert.equal(ofReference.length, referenceSize)
  const done = ofReference.filter(({ state }) => state === 'done').length
  assert.ok(
    text.includes(`Of the ${referenceSize}: ${done} done, ${referenceSize - done} not yet.`),
    `${done} are done`,
  )
})
