import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Answer, Endpoints } from '@driveway/contract'
import type { Context, Parts, UserActor } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { contextOf, countStatements, engines, openTestParts } from '../../testing/parts.ts'
import { insertSession } from '../auth/auth.queries.ts'
import { isPassword } from '../auth/passwords.ts'
import { createDepartment, deleteDepartment, listDepartments } from '../directory/departments.service.ts'
import { findUserByAccount, findUserById } from '../directory/directory.service.ts'
import { selectSpacesOf } from '../spaces/spaces.queries.ts'
import { ensureFirstStart } from './first-start.ts'
import { newPassword } from './new-password.ts'
import { importUsers } from './people.import.ts'
import { createUser, listUsers, updateUser } from './people.service.ts'

const refusal = (reason: string, field?: string) => (error: unknown) =>
  error instanceof DriveError && error.reason === reason && (field === undefined || error.details[0]?.field === field)

const password = 'analytical engine'
type Report = Answer<Endpoints['importUsers']>['data']

/** A report without what only a real import can tell. */
function plain(report: Report): Report {
  const rows = report.rows.map(({ row, outcome, id, field, reason }) =>
    outcome === 'created' ? { row, outcome } : { row, outcome, id, field, reason },
  )
  return { ...report, rows }
}

async function openSession(db: Db, userId: string): Promise<void> {
  const times = { created_at: '2026-01-01', access_expires_at: '2099-01-01', refresh_expires_at: '2099-01-01' }
  await insertSession.run(db, { id: newId(), user_id: userId, access_hash: newId(), refresh_hash: newId(), ...times })
}

async function countSessions(db: Db, userId: string): Promise<number> {
  return (await db.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()).length
}

for (const engine of engines) {
  describe(`people on ${engine}`, () => {
    let parts: Parts
    let ctx: Context & { actor: UserActor }
    let close: () => Promise<void>

    before(async () => {
      const opened = await openTestParts(engine)
      parts = opened.parts
      close = opened.close
    })
    after(() => close())

    test('of processes that start at once on an empty database one makes the administrator', async () => {
      const answers = await Promise.all(Array.from({ length: 3 }, () => ensureFirstStart(parts)))
      const shown = answers.filter((answer) => answer !== undefined)
      assert.equal(shown.length, 1)
      assert.equal(shown[0]!.password.length, 20)
      const admin = await findUserByAccount.first(parts.db, { account_fold: 'admin' })
      assert.equal(admin!.role, 2)
      assert.ok(await isPassword(shown[0]!.password, admin!.password_hash))
      ctx = contextOf(parts, admin!)
      assert.equal((await listDepartments(ctx, {})).list[0]!.name, 'Acme')
      assert.equal((await parts.db.selectFrom('enterprise').selectAll().execute()).length, 1)
      assert.equal((await selectSpacesOf.all(parts.db, { owner_id: admin!.id, kind: 1 })).length, 1)
    })

    test('a later start changes nothing, least of all the password', async () => {
      const before = await findUserById.first(parts.db, { id: ctx.actor.userId })
      const again = { ...parts, config: { ...parts.config, adminPassword: 'another password' } }
      assert.equal(await ensureFirstStart(again), undefined)
      assert.deepEqual(await findUserById.first(parts.db, { id: ctx.actor.userId }), before)
    })

    test('a new person has a password, a department and a personal space', async () => {
      const sales = (await createDepartment(ctx, { name: 'Sales', parentId: ctx.actor.departmentId })).data.id
      const { id } = (await createUser(ctx, { account: 'Ada', name: ' Ada  L ', password, deptId: sales })).data
      const user = await findUserById.first(ctx.db, { id })
      assert.equal(user!.name, 'Ada  L')
      assert.ok(await isPassword(password, user!.password_hash))
      const [space, ...others] = await selectSpacesOf.all(ctx.db, { owner_id: id, kind: 1 })
      assert.equal(others.length, 0)
      assert.equal(space!.capacity, parts.config.spaceGigabytes * 1024 ** 3)
      const { users } = await listUsers(ctx, { pageSize: 10, deptId: sales })
      assert.equal(users.length, 1)
      assert.deepEqual(
        { ...users[0], createTime: '' },
        {
          id,
          account: 'Ada',
          name: 'Ada  L',
          deptId: sales,
          deptName: 'Sales',
          role: 1,
          status: 0,
          mobile: '',
          email: '',
          containerId: space!.id,
          createTime: '',
        },
      )
      await assert.rejects(deleteDepartment(ctx, { department_id: sales }), refusal('DEPARTMENT_NOT_EMPTY'))
    })

    test('an account is taken once, whatever the case, also by two calls at once', async () => {
      await assert.rejects(
        createUser(ctx, { account: 'ADA', name: 'x', password }),
        refusal('DUPLICATE_NAME', 'account'),
      )
      const results = await Promise.allSettled(
        ['Twin', 'twin', 'TWIN'].map((account) => createUser(ctx, { account, name: account, password })),
      )
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    test('a person who cannot be made leaves nothing behind', async () => {
      const count = async () => (await ctx.db.selectFrom('spaces').select('id').execute()).length
      const before = await count()
      const person = { account: 'nobody', name: 'Nobody', password }
      await assert.rejects(createUser(ctx, { ...person, deptId: '1' }), refusal('NOT_FOUND', 'deptId'))
      await assert.rejects(createUser(ctx, { ...person, name: ' ' }), refusal('PARAMETER_INVALID', 'name'))
      assert.equal(await count(), before)
      assert.equal(await findUserByAccount.first(ctx.db, { account_fold: 'nobody' }), undefined)
    })

    test('a new password and disabling end every session, other changes none', async () => {
      const { id } = (await createUser(ctx, { account: 'ben', name: 'Ben', password })).data
      await openSession(ctx.db, id)
      await updateUser(ctx, { userId: id, name: 'Benjamin', mobile: '+44 20 7946-0958', email: 'b@example.org' })
      const user = await findUserById.first(ctx.db, { id })
      assert.deepEqual([user!.name, user!.mobile, user!.email], ['Benjamin', '00442079460958', 'b@example.org'])
      assert.equal(await countSessions(ctx.db, id), 1)
      await updateUser(ctx, { userId: id, password: 'difference engine' })
      assert.equal(await countSessions(ctx.db, id), 0)
      assert.ok(await isPassword('difference engine', (await findUserById.first(ctx.db, { id }))!.password_hash))
      await openSession(ctx.db, id)
      await updateUser(ctx, { userId: id, status: 1 })
      assert.equal(await countSessions(ctx.db, id), 0)
      await assert.rejects(updateUser(ctx, { userId: '1', name: 'x' }), refusal('NOT_FOUND', 'userId'))
      await assert.rejects(updateUser(ctx, { userId: id, deptId: '1' }), refusal('NOT_FOUND', 'deptId'))
    })

    test('a space is not made smaller than what is in it', async () => {
      const { id } = (await createUser(ctx, { account: 'full', name: 'Full', password })).data
      await ctx.db
        .updateTable('spaces')
        .set({ used: 3 * 1024 ** 3 })
        .where('owner_id', '=', id)
        .execute()
      await assert.rejects(updateUser(ctx, { userId: id, name: 'New', capacity: 2 }), refusal('INSUFFICIENT_SPACE'))
      assert.equal((await findUserById.first(ctx.db, { id }))!.name, 'Full')
      await updateUser(ctx, { userId: id, capacity: 4 })
      assert.equal((await selectSpacesOf.all(ctx.db, { owner_id: id, kind: 1 }))[0]!.capacity, 4 * 1024 ** 3)
    })

    test('there is always an administrator', async () => {
      const self = ctx.actor.userId
      await assert.rejects(updateUser(ctx, { userId: self, role: 1 }), refusal('NOT_PERMITTED', 'role'))
      await assert.rejects(updateUser(ctx, { userId: self, status: 1 }), refusal('NOT_PERMITTED', 'status'))
      const { id } = (await createUser(ctx, { account: 'second', name: 'Second', password, role: 2 })).data
      const second = contextOf(parts, (await findUserById.first(ctx.db, { id }))!)
      const results = await Promise.allSettled([
        updateUser(ctx, { userId: id, role: 1 }),
        updateUser(second, { userId: self, role: 1 }),
      ])
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const userId of [self, id]) {
        await ctx.db
          .updateTable('users')
          .set({ role: userId === self ? 2 : 1 })
          .where('id', '=', userId)
          .execute()
      }
    })

    test('the record names what was done and never a password, a number or an address', async () => {
      const lines = await ctx.db.selectFrom('audit_events').selectAll().where('action', 'like', 'user.%').execute()
      assert.ok(lines.some(({ action }) => action === 'user.create'))
      const text = JSON.stringify(lines)
      for (const secret of [password, 'difference engine', 'argon2', '7946', 'example.org']) {
        assert.ok(!text.includes(secret), secret)
      }
    })

    const rows = [
      { account: 'imp.one', name: 'One', department: 'North/Team 1', role: 'admin' },
      {
        account: 'imp.two',
        name: 'Two',
        department: ' north / team 1 / Desk ',
        password: 'long enough',
        mobile: '+86 138',
      },
      { account: 'IMP.ONE', name: 'Again' },
      { account: 'not allowed', name: 'x' },
      { account: 'imp.three', name: '' },
      { account: 'imp.four', name: 'Four', password: 'short' },
      { account: 'imp.five', name: 'Five', role: 'king' },
      { account: 'imp.six', name: 'Six', department: 'a/b/c/d/e' },
      { account: 'imp.seven', name: 'Seven', department: 'a name of more than twenty' },
      { account: 'imp.eight', name: 'Eight', email: 'nowhere' },
      { account: 'imp.nine', name: 'Nine', mobile: 'none' },
      { account: 'Ada', name: 'Ada King', department: 'South' },
      { account: 'twin' },
      { account: 'admin', role: 'user' },
      {},
    ]

    test('a preview writes nothing and tells what the import then does', async () => {
      const snapshot = async () => [
        await ctx.db.selectFrom('users').selectAll().orderBy('id').execute(),
        await ctx.db.selectFrom('departments').selectAll().orderBy('id').execute(),
        await ctx.db.selectFrom('audit_events').select('id').orderBy('id').execute(),
      ]
      const before = await snapshot()
      const preview = (await importUsers(ctx, { preview: true, rows })).data
      assert.deepEqual(await snapshot(), before)
      const { data } = await importUsers(ctx, { rows })
      assert.deepEqual(plain(data), plain(preview))
      assert.deepEqual(
        data.departments,
        ['North', 'North/Team 1', 'North/Team 1/Desk', 'South'].map((path) =>
          path === 'North/Team 1/Desk' ? 'north/team 1/Desk' : path,
        ),
      )
      assert.deepEqual(
        data.rows.map(({ outcome, field }) => `${outcome} ${field ?? ''}`.trim()),
        [
          'created',
          'created',
          'failed account',
          'failed account',
          'failed name',
          'failed password',
          'failed role',
          'failed department',
          'failed department',
          'failed email',
          'failed mobile',
          'updated',
          'unchanged',
          'failed role',
          'failed account',
        ],
      )
      assert.deepEqual([data.created, data.updated, data.unchanged, data.failed], [2, 1, 1, 11])
    })

    test('an imported person has the password that was given, or one that was made and shown', async () => {
      const again = [{ account: 'imp.made', name: 'Made', department: '/' }]
      const [made] = (await importUsers(ctx, { rows: again })).data.rows
      const [one, two] = await Promise.all(
        ['imp.made', 'imp.two'].map((account_fold) => findUserByAccount.first(ctx.db, { account_fold })),
      )
      assert.equal(made!.id, one!.id)
      assert.equal(one!.department_id, ctx.actor.departmentId)
      assert.ok(await isPassword(made!.password!, one!.password_hash))
      assert.ok(await isPassword('long enough', two!.password_hash))
      assert.equal(two!.mobile, '0086138')
      assert.equal((await selectSpacesOf.all(ctx.db, { owner_id: one!.id, kind: 1 })).length, 1)
    })

    test('a row that somebody else was quicker with fails alone', async () => {
      const list = Array.from({ length: 6 }, (_, n) => ({
        account: `race.${n}`,
        name: `Race ${n}`,
        department: 'Race',
      }))
      const reports = await Promise.all([1, 2].map(() => importUsers(ctx, { rows: list })))
      const outcomes = reports.flatMap(({ data }) => data.rows)
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'created').length, 6)
      assert.ok(outcomes.every(({ outcome, field }) => outcome !== 'failed' || field === 'account'))
      assert.equal(reports.flatMap(({ data }) => data.departments).length, 1)
      assert.equal((await listUsers(ctx, { pageSize: 10, keyWord: 'race.' })).users.length, 6)
    })

    test('an import that the database fails ends, and a second one finishes it', async () => {
      const list = Array.from({ length: 8 }, (_, n) => ({ account: `cut.${n}`, name: `Cut ${n}` }))
      let results = 0
      const db = ctx.db.withPlugin({
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          if (++results > 20) throw new Error('the database is gone')
          return result
        },
      })
      await assert.rejects(importUsers({ ...ctx, db }, { rows: list }), /the database is gone/)
      assert.ok(results <= 22)
      const { data } = await importUsers(ctx, { rows: list })
      assert.deepEqual([data.unchanged + data.created, data.failed], [8, 0])
    })

    test('importing a list twice changes nothing the second time', async () => {
      const list = [
        { account: 'imp.one', name: 'One', department: 'North/Team 1', role: '2' },
        { account: 'imp.two', name: 'Two', mobile: '+86 138', role: 'user' },
      ]
      const { data } = await importUsers(ctx, { rows: list })
      assert.deepEqual([data.unchanged, data.departments], [2, []])
    })

    test('an import with a password sets it and ends the sessions of that person', async () => {
      const user = await findUserByAccount.first(ctx.db, { account_fold: 'imp.two' })
      await openSession(ctx.db, user!.id)
      const [outcome] = (await importUsers(ctx, { rows: [{ account: 'imp.two', password: 'brand new one' }] })).data
        .rows
      assert.deepEqual(outcome, { row: 1, outcome: 'updated', id: user!.id })
      assert.equal(await countSessions(ctx.db, user!.id), 0)
      const changed = await findUserByAccount.first(ctx.db, { account_fold: 'imp.two' })
      assert.ok(await isPassword('brand new one', changed!.password_hash))
      assert.equal(changed!.name, 'Two')
    })

    test('all people are paged by account, each once, in one statement a page', async () => {
      const seen: string[] = []
      let pageCursor: string | undefined
      do {
        const { answer, statements } = await countStatements(ctx.db, (db) =>
          listUsers({ ...ctx, db }, { pageSize: 3, pageCursor }),
        )
        assert.equal(statements, 1)
        seen.push(...answer.users.map(({ account }) => account.toLowerCase()))
        pageCursor = answer.nextCursor
      } while (pageCursor !== undefined)
      assert.deepEqual(seen, seen.toSorted())
      assert.equal(new Set(seen).size, (await ctx.db.selectFrom('users').select('id').execute()).length)
      const { nextCursor } = await listUsers(ctx, { pageSize: 1, keyWord: 'imp' })
      await assert.rejects(listUsers(ctx, { pageSize: 1, pageCursor: nextCursor }), refusal('CURSOR_INVALID'))
      const found = await listUsers(ctx, { pageSize: 100, keyWord: 'TW' })
      assert.deepEqual(
        found.users.map(({ account }) => account.toLowerCase()),
        ['imp.two', 'twin'],
      )
      await assert.rejects(listUsers(ctx, { pageSize: 1, deptId: '1' }), refusal('NOT_FOUND', 'deptId'))
    })

    test('with a configured password nothing is shown', async () => {
      const opened = await openTestParts(engine)
      try {
        const config = { ...opened.parts.config, adminPassword: 'configured one' }
        assert.equal(await ensureFirstStart({ ...opened.parts, config }), undefined)
        const admin = await findUserByAccount.first(opened.parts.db, { account_fold: 'admin' })
        assert.ok(await isPassword('configured one', admin!.password_hash))
      } finally {
        await opened.close()
      }
    })
  })
}

test('made passwords have small and capital letters and digits, and differ', () => {
  const passwords = Array.from({ length: 200 }, newPassword)
  assert.equal(new Set(passwords).size, 200)
  for (const made of passwords) assert.match(made, /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{20}$/)
})
