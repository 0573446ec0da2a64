import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestPerson, type TestServer } from '../../server/src/testing/server.ts'
import { findReceivers } from './receivers.ts'

let server: TestServer
let sharer: TestPerson

before(async () => {
  server = await startTestServer({ engine: 'sqlite' })
  sharer = await server.person('sharer')
})
after(() => server.close())

const find = async (name: string): Promise<string[]> => (await findReceivers(sharer.drive, [name])).userIds

test('of two people of one name, the account says who is meant', async () => {
  const first = await server.person('kim.a', { name: 'Kim' })
  const second = await server.person('kim.b', { name: 'Kim' })
  await assert.rejects(
    find('Kim'),
    /2 people are called "Kim": give the account of the right one: kim\.a \(.*kim\.b \(/,
  )
  assert.deepEqual(await find('kim.a'), [first.id])
  assert.deepEqual(await find('KIM.B'), [second.id])
})

test('an account comes before a person who is called like it', async () => {
  await server.person('somebody', { name: 'lee' })
  const lee = await server.person('lee', { name: 'Lee Miller' })
  assert.deepEqual(await find('lee'), [lee.id])
  assert.deepEqual(await find('Lee Miller'), [lee.id])
})

test('the right one is found behind a hundred others that come before by name', async () => {
  const rows = Array.from({ length: 120 }, (_, index) => ({ account: `noor${index}`, name: `Noor ${1000 + index}` }))
  await server.admin.importUsers({ rows, preview: false })
  const noor = await server.person('noor', { name: 'Zz Noor' })
  assert.deepEqual(await find('noor'), [noor.id])
})
