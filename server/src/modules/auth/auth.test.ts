import assert from 'node:assert/strict'
import { createDrive } from '@driveway/sdk'
import { after, before, describe, test } from 'node:test'
import { digestOf, everythingKept } from '../../testing/digest.ts'
import { startTestServer, testEngines, testPassword, type TestServer } from '../../testing/server.ts'
import { outcomeOf, send, type WireAnswer } from '../../testing/wire.ts'
import { freshName, makePerson, type Person, signIn } from '../../testing/world.ts'

const ose = '/koodrive/ose/v1'
const minute = 60_000

for (const engine of testEngines()) {
  describe(`signing in, on ${engine}`, () => {
    let server: TestServer
    before(async () => {
      // the tests come from many addresses: what they say of themselves is believed
      server = await startTestServer({ engine, env: { DRIVEWAY_TRUSTED_PROXIES: '127.0.0.1' } })
    })
    after(() => server.close())

    /** The test server's own administrator, whose session no test may outlive. */
    const administrator = () => signIn(server, 'admin')
    const newPerson = async (): Promise<Person> => {
      const { drive } = await administrator()
      const account = freshName('person')
      await drive.createUser({ account, name: account, password: testPassword })
      return signIn(server, account)
    }
    const who = (headers: Record<string, string>) =>
      send(server.url, { method: 'GET', path: `${ose}/session/auth`, headers })
    const isAlive = async (token: string) => outcomeOf(await who({ authorization: token })) === 'ok'
    const login = (account: string, password: string, more: { from?: string; cookie?: boolean } = {}) =>
      send(server.url, {
        method: 'POST',
        path: `${ose}/auth/login`,
        headers: more.from === undefined ? {} : { 'x-forwarded-for': more.from },
        body: JSON.stringify({ account, authType: '1', password, ...(more.cookie ? { cookie: true } : {}) }),
      })
    const dataOf = (answer: WireAnswer) => answer.json.error?.errorData ?? {}

    test('a token is taken as Bearer with a blank or a plus, as AT, and bare; in no other form', async () => {
      const { token, id } = await newPerson()
      for (const form of [`Bearer ${token}`, `Bearer+${token}`, token, `AT ${token}`, `AT+${token}`]) {
        const answer = await who({ authorization: form })
        assert.equal(outcomeOf(answer), 'ok', form)
        assert.equal((answer.json['data'] as { userId: string }).userId, id)
      }
      const wrong = [
        `bearer ${token}`,
        `Bearer  ${token}`,
        `Bearer:${token}`,
        `Token ${token}`,
        token.toUpperCase(),
        `${token} x`,
      ]
      for (const form of wrong) {
        assert.equal(outcomeOf(await who({ authorization: form })), 'TOKEN_INVALID', form)
      }
      assert.equal(outcomeOf(await who({ 'x-auth-token': token })), 'TOKEN_INVALID')
      const inQuery = { method: 'GET', path: `${ose}/session/auth?accessToken=${token}&Authorization=${token}` }
      assert.equal(outcomeOf(await send(server.url, inQuery)), 'TOKEN_INVALID', 'an address is no place for a token')
    })

    test('tokens are 48 lower-case hex digits, good for 1200 seconds, and kept by their hash only', async () => {
      const { account } = await newPerson()
      const { data } = await server.anonymous.login({ account, authType: '1', password: testPassword })
      const { accessToken, refreshToken, sessionId, expiresIn, issuedAt } = data.sessionInfo
      for (const token of [accessToken, refreshToken, sessionId]) assert.match(token, /^[0-9a-f]{48}$/)
      assert.equal(new Set([accessToken, refreshToken, sessionId]).size, 3)
      assert.equal(expiresIn, 1200)
      assert.ok(Math.abs(Number(issuedAt) - server.running.parts.now().getTime()) < 10_000)
      const kept = await everythingKept(server.running.parts.db)
      assert.ok(!kept.includes(accessToken) && !kept.includes(refreshToken))
      assert.ok(!kept.includes(testPassword))
    })

    test('a token lives 20 minutes after its last call, however long that has been going on', async () => {
      const { token } = await newPerson()
      for (let call = 0; call < 6; call++) {
        server.advance(19 * minute + 59_000)
        assert.ok(await isAlive(token), `call ${call}`)
      }
      server.advance(21 * minute)
      assert.ok(!(await isAlive(token)))
      assert.ok(!(await isAlive(token)), 'and a call does not bring it back')
    })

    test('a refresh token renews a session once; the tokens before it are dead', async () => {
      const { token, refreshToken, sessionId } = await newPerson()
      const first = (await server.anonymous.refreshToken({ refreshToken })).data.sessionInfo
      assert.equal(first.sessionId, sessionId)
      assert.ok(await isAlive(first.accessToken))
      assert.ok(!(await isAlive(token)))
      await assert.rejects(server.anonymous.refreshToken({ refreshToken }), { reason: 'TOKEN_INVALID' })
      const second = (await server.anonymous.refreshToken({ refreshToken: first.refreshToken })).data.sessionInfo
      assert.ok(await isAlive(second.accessToken))
    })

    test('of several renewals with one refresh token at once, one succeeds', async () => {
      const { refreshToken } = await newPerson()
      const renewals = Array.from({ length: 6 }, () => server.anonymous.refreshToken({ refreshToken }))
      const results = await Promise.allSettled(renewals)
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    test('a refresh token outlives its access token by days, and is dead after thirty of them', async () => {
      const [late, tooLate] = [await newPerson(), await newPerson()]
      server.advance(29 * 24 * 60 * minute)
      assert.ok(!(await isAlive(late.token)))
      const { sessionInfo } = (await server.anonymous.refreshToken({ refreshToken: late.refreshToken })).data
      assert.ok(await isAlive(sessionInfo.accessToken))
      server.advance(2 * 24 * 60 * minute)
      await assert.rejects(server.anonymous.refreshToken({ refreshToken: tooLate.refreshToken }), {
        reason: 'TOKEN_INVALID',
      })
      await server.anonymous.refreshToken({ refreshToken: sessionInfo.refreshToken })
    })

    test('the access token of a session is renewed by its session id, and by no other session’s', async () => {
      const person = await newPerson()
      const other = await signIn(server, person.account)
      const refresh = (token: string, sessionId: string) =>
        send(server.url, {
          method: 'POST',
          path: `${ose}/session/refresh`,
          headers: { authorization: token, 'x-session-id': sessionId },
        })
      assert.equal(outcomeOf(await refresh(person.token, other.sessionId)), 'TOKEN_INVALID')
      const answer = await refresh(person.token, person.sessionId)
      const renewed = String(answer.json['accessToken'])
      assert.ok(await isAlive(renewed))
      assert.ok(!(await isAlive(person.token)))
      assert.ok(await isAlive(other.token))
    })

    test('logging off ends this session, its refresh token too, and no other session', async () => {
      const person = await newPerson()
      const other = await signIn(server, person.account)
      const logoff = (headers: { authorization?: string }) =>
        send(server.url, { method: 'GET', path: `${ose}/session/logoff`, headers })
      const answer = await logoff({ authorization: person.token })
      assert.equal(outcomeOf(answer), 'ok')
      assert.match(String(answer.headers['set-cookie']), /^Authorization=; .*Max-Age=0/)
      assert.ok(!(await isAlive(person.token)))
      await assert.rejects(server.anonymous.refreshToken({ refreshToken: person.refreshToken }), {
        reason: 'TOKEN_INVALID',
      })
      assert.ok(await isAlive(other.token))
      for (const headers of [{}, { authorization: person.token }, { authorization: 'nonsense' }]) {
        assert.equal(outcomeOf(await logoff(headers)), 'ok', 'there is nothing left to end')
      }
    })

    test('a new password ends every session of the person, and of nobody else', async () => {
      const person = await newPerson()
      const sessions = [person, await signIn(server, person.account)]
      const bystander = await newPerson()
      const { drive } = await administrator()
      await drive.updateUser({ userId: person.id, password: 'difference engine 1822' })
      for (const { token, refreshToken } of sessions) {
        assert.ok(!(await isAlive(token)))
        await assert.rejects(server.anonymous.refreshToken({ refreshToken }), { reason: 'TOKEN_INVALID' })
      }
      assert.ok(await isAlive(bystander.token))
      assert.equal(outcomeOf(await login(person.account, testPassword)), 'CREDENTIAL_WRONG')
      assert.equal(outcomeOf(await login(person.account, 'difference engine 1822')), 'ok')
    })

    test('who is disabled is out at once, and his old tokens stay dead when he is back', async () => {
      const person = await newPerson()
      const { drive } = await administrator()
      await drive.updateUser({ userId: person.id, status: 1 })
      assert.ok(!(await isAlive(person.token)))
      assert.equal(outcomeOf(await login(person.account, testPassword)), 'CREDENTIAL_WRONG')
      await drive.updateUser({ userId: person.id, status: 0 })
      assert.ok(!(await isAlive(person.token)))
      await assert.rejects(server.anonymous.refreshToken({ refreshToken: person.refreshToken }), {
        reason: 'TOKEN_INVALID',
      })
      assert.equal(outcomeOf(await login(person.account, testPassword)), 'ok')
    })

    test('a role that was taken away is gone with the next call of a session that had it', async () => {
      const person = await newPerson()
      const { drive } = await administrator()
      await drive.updateUser({ userId: person.id, role: 2 })
      await person.drive.listUsers({})
      await drive.updateUser({ userId: person.id, role: 1 })
      await assert.rejects(person.drive.listUsers({}), { reason: 'NOT_AN_ADMINISTRATOR' })
    })

    describe('the cookie of the web application', () => {
      const cookieOf = async (account: string) => {
        const answer = await login(account, testPassword, { cookie: true })
        return {
          text: String(answer.headers['set-cookie']),
          token: (answer.json['data'] as Session).sessionInfo.accessToken,
        }
      }
      interface Session {
        sessionInfo: { accessToken: string }
      }

      test('comes only when it is asked for, out of reach of scripts and of other sites', async () => {
        const { account } = await newPerson()
        assert.equal((await login(account, testPassword)).headers['set-cookie'], undefined)
        const { text, token } = await cookieOf(account)
        const [pair, ...attributes] = text.split('; ')
        assert.equal(pair, `Authorization=${token}`)
        for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/'])
          assert.ok(attributes.includes(attribute), text)
        assert.ok(!text.includes('Domain'))
      })

      test('is Secure where the drive is reached by https', async () => {
        const env = { DRIVEWAY_PUBLIC_URL: 'https://drive.example.com' }
        const secure = await startTestServer({ engine, env })
        try {
          const body = JSON.stringify({ account: 'admin', authType: '1', password: testPassword, cookie: true })
          const answer = await send(secure.url, { method: 'POST', path: `${ose}/auth/login`, body })
          assert.match(String(answer.headers['set-cookie']), /; Secure$/)
        } finally {
          await secure.close()
        }
      })

      test('counts only with the header that our own pages send', async () => {
        const person = await newPerson()
        const { token } = await cookieOf(person.account)
        const cookie = `theme=dark; Authorization=${token}; x=y`
        assert.equal(outcomeOf(await who({ cookie })), 'TOKEN_INVALID')
        assert.equal(outcomeOf(await who({ cookie, 'x-driveway-client': 'other' })), 'TOKEN_INVALID')
        assert.equal(outcomeOf(await who({ cookie, 'x-driveway-client': 'web' })), 'ok')
        assert.equal(
          outcomeOf(await who({ cookie: `Authorization=${'0'.repeat(48)}`, 'x-driveway-client': 'web' })),
          'TOKEN_INVALID',
        )
        assert.equal(
          outcomeOf(await who({ cookie: `XAuthorization=${token}`, 'x-driveway-client': 'web' })),
          'TOKEN_INVALID',
        )
      })

      test('does not stand in for a credential that was sent and is bad', async () => {
        const person = await newPerson()
        const { token } = await cookieOf(person.account)
        const web = { cookie: `Authorization=${token}`, 'x-driveway-client': 'web' }
        assert.equal(outcomeOf(await who({ ...web, authorization: 'Bearer nonsense' })), 'TOKEN_INVALID')
      })

      test('lets no form of another site do anything', async () => {
        const person = await newPerson()
        const { token } = await cookieOf(person.account)
        const { db } = server.running.parts
        const before = await digestOf(db)
        // what a browser sends from a foreign page without asking first
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
          const answer = await send(server.url, {
            method: 'POST',
            path: `${ose}/directory`,
            headers: { cookie: `Authorization=${token}`, origin: 'https://evil.example', 'content-type': type },
            body: JSON.stringify({ fileName: 'planted', fileType: '10', containerId: person.space }),
          })
          assert.equal(outcomeOf(answer), 'TOKEN_INVALID', type)
        }
        assert.deepEqual(await digestOf(db), before)
        const preflight = await send(server.url, {
          method: 'OPTIONS',
          path: `${ose}/directory`,
          headers: { origin: 'https://evil.example', 'access-control-request-headers': 'x-driveway-client' },
        })
        assert.equal(preflight.headers['access-control-allow-origin'], undefined)
        assert.equal(preflight.headers['access-control-allow-headers'], undefined)
      })
    })

    describe('wrong passwords', () => {
      const fail = async (account: string, times: number, from?: string) => {
        const answers: WireAnswer[] = []
        for (let time = 0; time < times; time++) answers.push(await login(account, 'wrong', from ? { from } : {}))
        return answers
      }

      test('are told how many are left, and then to wait longer and longer', async () => {
        const { account } = await newPerson()
        const answers = await fail(account, 5)
        assert.deepEqual(
          answers.map((answer) => [outcomeOf(answer), dataOf(answer)['triesLeft']]),
          [4, 3, 2, 1, 0].map((left) => ['CREDENTIAL_WRONG', left]),
        )
        const waits: number[] = []
        let wait = Number(dataOf(answers[4]!)['retryAfter'])
        for (let round = 0; round < 11; round++) {
          const blocked = await login(account, testPassword)
          assert.equal(outcomeOf(blocked), 'TOO_MANY_ATTEMPTS', 'while it waits, the right password does not help')
          assert.equal(blocked.status, 429)
          assert.equal(Number(blocked.headers['retry-after']), wait)
          waits.push(wait)
          server.advance(wait * 1000)
          const next = (await fail(account, 1))[0]!
          assert.equal(outcomeOf(next), 'CREDENTIAL_WRONG')
          wait = Number(dataOf(next)['retryAfter'])
        }
        assert.deepEqual(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
        server.advance(wait * 1000)
        assert.equal(outcomeOf(await login(account, testPassword)), 'ok')
        assert.equal(dataOf((await fail(account, 1))[0]!)['triesLeft'], 4, 'success forgets what was before')
      })

      test('are forgotten after half an hour of quiet', async () => {
        const { account } = await newPerson()
        await fail(account, 4)
        server.advance(31 * minute)
        assert.equal(dataOf((await fail(account, 1))[0]!)['triesLeft'], 4)
      })

      test('count for the pair of account and address: other people and other addresses go on', async () => {
        const [victim, other] = [await newPerson(), await newPerson()]
        await fail(victim.account, 6, '203.0.113.7')
        const from = (address: string, account = victim.account) =>
          login(account, testPassword, { from: address }).then(outcomeOf)
        assert.equal(await from('203.0.113.7'), 'TOO_MANY_ATTEMPTS')
        assert.equal(await from('203.0.113.8'), 'ok')
        assert.equal(await from('203.0.113.7', other.account), 'ok')
      })

      test('count for one account however it is written, and for one network of IPv6', async () => {
        const { account } = await newPerson()
        const spellings = [account, account.toUpperCase(), `${account[0]?.toUpperCase()}${account.slice(1)}`]
        for (let time = 0; time < 5; time++) {
          const from = `2001:db8:1:2:${time}::${time}`
          assert.equal(outcomeOf(await login(spellings[time % 3] ?? '', 'wrong', { from })), 'CREDENTIAL_WRONG')
        }
        const blocked = await login(account, testPassword, { from: '2001:db8:1:2:ffff::1' })
        assert.equal(outcomeOf(blocked), 'TOO_MANY_ATTEMPTS')
        assert.equal(outcomeOf(await login(account, testPassword, { from: '2001:db8:1:3::1' })), 'ok')
        const mapped = await newPerson()
        await fail(mapped.account, 5, '::ffff:198.51.100.1')
        assert.equal(
          outcomeOf(await login(mapped.account, testPassword, { from: '198.51.100.1' })),
          'TOO_MANY_ATTEMPTS',
        )
      })

      test('an address that says it is another one is not believed without a trusted proxy', async () => {
        const plain = await startTestServer({ engine })
        try {
          const { account } = await makePerson(plain, 'person')
          const outcomes: string[] = []
          for (let time = 0; time < 7; time++) {
            const answer = await send(plain.url, {
              method: 'POST',
              path: `${ose}/auth/login`,
              headers: {
                'x-forwarded-for': `203.0.113.${time}`,
                forwarded: `for=203.0.113.${time}`,
                'x-real-ip': `203.0.113.${time}`,
              },
              body: JSON.stringify({ account, authType: '1', password: 'wrong' }),
            })
            outcomes.push(outcomeOf(answer))
          }
          assert.deepEqual(outcomes.slice(5), ['TOO_MANY_ATTEMPTS', 'TOO_MANY_ATTEMPTS'])
        } finally {
          await plain.close()
        }
      })

      test('an unknown account, a disabled one and a wrong password are answered alike, to the letter', async () => {
        const [known, disabled] = [await newPerson(), await newPerson()]
        const { drive } = await administrator()
        await drive.updateUser({ userId: disabled.id, status: 1 })
        const unknown = freshName('nobody')
        for (let time = 0; time < 7; time++) {
          const texts = new Set<string>()
          for (const [account, password] of [
            [known.account, 'wrong'],
            [disabled.account, testPassword],
            [unknown, 'wrong'],
          ] as const) {
            const { status, text, headers } = await login(account, password)
            texts.add(JSON.stringify({ status, text, retryAfter: headers['retry-after'] }))
          }
          assert.equal(texts.size, 1, [...texts].join('\n'))
        }
      })
    })

    test('an account is one person, whatever the case of its letters', async () => {
      const person = await newPerson()
      const { drive } = await administrator()
      const again = { account: person.account.toUpperCase(), name: 'Again', password: testPassword }
      await assert.rejects(drive.createUser(again), { reason: 'DUPLICATE_NAME' })
      const { data } = await createDrive({ baseUrl: server.url }).login({
        account: person.account.toUpperCase(),
        authType: '1',
        password: testPassword,
      })
      assert.equal(data.userInfo.userId, person.id)
    })
  })
}
