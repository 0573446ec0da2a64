import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Context } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { contextOf, countStatements, engines, openTestParts } from '../../testing/parts.ts'
import { ensureFirstStart } from '../people/first-start.ts'
import {
  createDepartment,
  deleteDepartment,
  getDepartment,
  listDepartments,
  updateDepartment,
} from './departments.service.ts'
import {
  ancestorDepartmentIds,
  findDepartment,
  findUserByAccount,
  groupIdsOf,
  listPeople,
  findExisting,
  findPeopleByMobile,
} from './directory.service.ts'
import { addGroupMembers, createGroup, listGroupMembers, listGroups, removeGroupMembers } from './groups.service.ts'
import { maskMobile } from './mobile.ts'

const refusal = (reason: string, field?: string) => (error: unknown) =>
  error instanceof DriveError && error.reason === reason && (field === undefined || error.details[0]?.field === field)

async function addPeople(
  ctx: Context,
  people: { name: string; departmentId: string; mobile?: string; status?: number }[],
) {
  const rows = people.map(({ name, departmentId, mobile = '', status = 0 }) => {
    const id = newId()
    const account = `${name.replaceAll(' ', '.')}.${id.slice(-6)}`
    const names = { account, account_fold: account.toLowerCase(), name, name_fold: name.toLowerCase() }
    const times = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' }
    return {
      id,
      ...names,
      ...times,
      department_id: departmentId,
      role: 1,
      status,
      mobile,
      email: '',
      password_hash: 'x',
    }
  })
  await ctx.db.transaction().execute(async (tx) => {
    for (let start = 0; start < rows.length; start += 1000) {
      await tx
        .insertInto('users')
        .values(rows.slice(start, start + 1000))
        .execute()
    }
  })
  return rows
}

for (const engine of engines) {
  describe(`directory on ${engine}`, () => {
    let ctx: Context
    let close: () => Promise<void>
    let rootId: string

    before(async () => {
      const opened = await openTestParts(engine)
      close = opened.close
      await ensureFirstStart(opened.parts)
      const admin = await findUserByAccount.first(opened.parts.db, { account_fold: 'admin' })
      ctx = contextOf(opened.parts, admin!)
      rootId = admin!.department_id
    })
    after(() => close())

    const make = async (name: string, parentId = rootId) => (await createDepartment(ctx, { name, parentId })).data.id
    const levelOf = async (id: string) => (await findDepartment.first(ctx.db, { id }))?.level
    const chain = async (prefix: string, length: number, parentId = rootId) => {
      const ids: string[] = []
      for (let index = 1; index <= length; index++) ids.push(await make(`${prefix}${index}`, ids.at(-1) ?? parentId))
      return ids
    }

    test('without a department the list holds the root alone, with one its direct children', async () => {
      const [top] = await chain('list', 2)
      const { list } = await listDepartments(ctx, {})
      assert.deepEqual(
        list.map(({ id, parentId, name }) => ({ id, parentId, name })),
        [{ id: rootId, parentId: '', name: 'Acme' }],
      )
      assert.match(list[0]!.deptId, /^[0-9a-f]{32}$/)
      const children = await listDepartments(ctx, { departmentId: rootId, keyWord: 'LIST' })
      assert.deepEqual(
        children.list.map(({ id }) => id),
        [top],
      )
      assert.deepEqual(await getDepartment(ctx, { department_id: top! }), children.list[0])
      await assert.rejects(listDepartments(ctx, { departmentId: '1' }), refusal('NOT_FOUND', 'departmentId'))
      await assert.rejects(getDepartment(ctx, { department_id: '1' }), refusal('NOT_FOUND', 'department_id'))
    })

    test('a search without a department finds departments of all levels, with the names above them', async () => {
      const ids = (await chain('deep%', 4)) as string[]
      const { list } = await listDepartments(ctx, { keyWord: 'DEEP%' })
      assert.deepEqual(
        list.map(({ id, path }) => ({ id, path })),
        ids.map((id, index) => ({
          id,
          path: ids
            .slice(0, index)
            .map((_, level) => `deep%${level + 1}`)
            .join('/'),
        })),
      )
      assert.deepEqual((await listDepartments(ctx, { keyWord: 'd_ep' })).list, [])
      const root = await listDepartments(ctx, { keyWord: 'acm' })
      assert.deepEqual(
        root.list.map(({ id, path }) => ({ id, path })),
        [{ id: rootId, path: '' }],
      )
      for (let index = 0; index < 105; index++) await make(`Wide ${index}`, ids[0])
      const wide = await listDepartments(ctx, { keyWord: 'wide' })
      assert.equal(wide.list.length, 100)
      assert.ok(wide.list.every(({ path }) => path === 'deep%1'))
    })

    test('two departments below one parent have different names, whatever the case', async () => {
      const [one, two] = [await make('Names'), await make('Other names')]
      await assert.rejects(make('nAMES'), refusal('DUPLICATE_NAME', 'name'))
      await make('names', one)
      const rename = (name: string) => updateDepartment(ctx, { department_id: two, name, parentId: rootId })
      await assert.rejects(rename('NAMES'), refusal('DUPLICATE_NAME', 'name'))
      await rename('OTHER NAMES')
      await assert.rejects(make('a/b'), refusal('PARAMETER_INVALID', 'name'))
      await assert.rejects(make('lost', '1'), refusal('NOT_FOUND', 'parentId'))
    })

    test('of departments made at once under one name, one is made', async () => {
      const results = await Promise.allSettled(Array.from({ length: 4 }, () => make('At once')))
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    test('there are five levels and no sixth', async () => {
      const ids = await chain('deep', 4)
      assert.equal(await levelOf(ids[3]!), 5)
      await assert.rejects(make('sixth', ids[3]), refusal('TOO_DEEP', 'parentId'))
    })

    test('a department moves with all below it, as far as the five levels allow', async () => {
      const [a1, a2, a3] = (await chain('a', 3)) as [string, string, string]
      const [b1, b2, b3] = (await chain('b', 3)) as [string, string, string]
      const move = (id: string, name: string, parentId: string) =>
        updateDepartment(ctx, { department_id: id, name, parentId })
      await assert.rejects(move(a1, 'a1', b2), refusal('TOO_DEEP', 'parentId'))
      assert.deepEqual(await Promise.all([a1, a2, a3].map(levelOf)), [2, 3, 4])
      await move(a1, 'moved', b1)
      assert.deepEqual(await Promise.all([a1, a2, a3].map(levelOf)), [3, 4, 5])
      assert.deepEqual(new Set(await ancestorDepartmentIds(ctx.db, a3)), new Set([a3, a2, a1, b1, rootId]))
      await move(a2, 'a2', rootId)
      assert.deepEqual(await Promise.all([a1, a2, a3].map(levelOf)), [3, 2, 3])
      await assert.rejects(move(b1, 'b1', b3), refusal('NESTED_DIRECTORIES', 'parentId'))
      await assert.rejects(move(b1, 'b1', b1), refusal('NESTED_DIRECTORIES', 'parentId'))
      await assert.rejects(move(b1, 'b1', '1'), refusal('NOT_FOUND', 'parentId'))
      await assert.rejects(move(b1, 'b1', ''), refusal('PARAMETER_INVALID', 'parentId'))
      await assert.rejects(move('1', 'x', rootId), refusal('NOT_FOUND', 'department_id'))
    })

    test('two moves at once never make a circle', async () => {
      const [one, two] = [await make('round one'), await make('round two')]
      const results = await Promise.allSettled([
        updateDepartment(ctx, { department_id: one, name: 'round one', parentId: two }),
        updateDepartment(ctx, { department_id: two, name: 'round two', parentId: one }),
      ])
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const id of [one, two]) assert.ok((await ancestorDepartmentIds(ctx.db, id)).includes(rootId))
    })

    test('the root is renamed, never moved or deleted', async () => {
      await updateDepartment(ctx, { department_id: rootId, name: 'Acme Ltd', parentId: '' })
      assert.equal((await getDepartment(ctx, { department_id: rootId })).name, 'Acme Ltd')
      await updateDepartment(ctx, { department_id: rootId, name: 'Acme', parentId: '' })
      const below = await make('Below the root')
      await assert.rejects(
        updateDepartment(ctx, { department_id: rootId, name: 'Acme', parentId: below }),
        refusal('NESTED_DIRECTORIES'),
      )
      await assert.rejects(deleteDepartment(ctx, { department_id: rootId }), refusal('NOT_PERMITTED'))
    })

    test('only an empty department is deleted', async () => {
      const [top, leaf] = (await chain('gone', 2)) as [string, string]
      const [person] = await addPeople(ctx, [{ name: 'Stays', departmentId: leaf }])
      await assert.rejects(deleteDepartment(ctx, { department_id: top }), refusal('DEPARTMENT_NOT_EMPTY'))
      await assert.rejects(deleteDepartment(ctx, { department_id: leaf }), refusal('DEPARTMENT_NOT_EMPTY'))
      await ctx.db.deleteFrom('users').where('id', '=', person!.id).execute()
      await deleteDepartment(ctx, { department_id: leaf })
      await deleteDepartment(ctx, { department_id: top })
      await assert.rejects(deleteDepartment(ctx, { department_id: top }), refusal('NOT_FOUND'))
    })

    test('people are listed for a department, for it and all below, and for the organisation', async () => {
      const [top, leaf] = (await chain('people', 2)) as [string, string]
      const [ada, ben] = await addPeople(ctx, [
        { name: 'Ada Lovelace', departmentId: top, mobile: '008618112348439' },
        { name: 'Ben 100%', departmentId: leaf, status: 1 },
      ])
      const ids = async (query: object) =>
        (await listPeople(ctx, { offset: 0, limit: 100, ...query })).list.map(({ id }) => id)
      assert.deepEqual(await ids({ deptId: top, isDirect: true }), [ada!.id])
      assert.deepEqual(await ids({ deptId: top }), [ada!.id, ben!.id])
      assert.deepEqual(await ids({ deptId: top, offset: 1 }), [ben!.id])
      assert.deepEqual(await ids({ keyWord: 'LOVE' }), [ada!.id])
      assert.deepEqual(await ids({ keyWord: ada!.account.toUpperCase() }), [ada!.id])
      assert.deepEqual(await ids({ keyWord: '100%', deptId: top }), [ben!.id])
      assert.deepEqual(await ids({ keyWord: '1_0' }), [])
      const { list, total } = await listPeople(ctx, { deptId: top, offset: 0, limit: 1 })
      assert.deepEqual(list, [
        {
          id: ada!.id,
          userId: ada!.id,
          account: ada!.account,
          name: 'Ada Lovelace',
          deptId: top,
          deptName: 'people1',
          mobile: '0086181****8439',
          role: 1,
          status: 0,
        },
      ])
      assert.equal(total, 2)
      await assert.rejects(listPeople(ctx, { deptId: '1', offset: 0, limit: 1 }), refusal('NOT_FOUND', 'deptId'))
    })

    test('a person is found by a mobile number in any usual form', async () => {
      const [one, two] = await addPeople(ctx, [
        { name: 'Mobile one', departmentId: rootId, mobile: '13800000000' },
        { name: 'Mobile two', departmentId: rootId, mobile: '00442079460958' },
      ])
      const written = ['13800000000', '+86 138-0000-0000', '008613800000000', '+44 20 7946 0958']
      const found = await findPeopleByMobile(ctx, [...written, '404', '-'])
      assert.deepEqual(
        [...found],
        written.map((number, index) => [number, index < 3 ? one!.id : two!.id]),
      )
    })

    test('only ids that exist are found, and only groups of the caller', async () => {
      const [person] = await addPeople(ctx, [{ name: 'Finder', departmentId: rootId }])
      const { id: own } = await createGroup(contextOf(ctx, person!), { groupName: 'Own', sourceType: 1 })
      const { id: foreign } = await createGroup(ctx, { groupName: 'Foreign', sourceType: 1 })
      const ids = [rootId, person!.id, own, foreign, '1']
      const found = async (kind: 'department' | 'group' | 'user') => [
        ...(await findExisting(contextOf(ctx, person!), kind, ids)),
      ]
      assert.deepEqual(
        [await found('department'), await found('user'), await found('group')],
        [[rootId], [person!.id], [own]],
      )
    })

    describe('user groups', () => {
      let owner: Context
      let stranger: Context
      before(async () => {
        const [one, two] = await addPeople(ctx, [
          { name: 'Owner', departmentId: rootId },
          { name: 'Stranger', departmentId: rootId },
        ])
        owner = contextOf(ctx, one!)
        stranger = contextOf(ctx, two!)
      })

      test('a name is taken once per owner and kind', async () => {
        await createGroup(owner, { groupName: 'Readers', sourceType: 1 })
        await assert.rejects(createGroup(owner, { groupName: 'READERS', sourceType: 1 }), refusal('DUPLICATE_NAME'))
        await createGroup(owner, { groupName: 'readers', sourceType: 0 })
        await createGroup(stranger, { groupName: 'Readers', sourceType: 1 })
        await assert.rejects(createGroup(owner, { groupName: 'Party 🎉', sourceType: 1 }), refusal('PARAMETER_INVALID'))
      })

      test('only its owner sees and changes who is in a group', async () => {
        const { id: groupId } = await createGroup(owner, { groupName: 'Private', sourceType: 1 })
        const [member] = await addPeople(ctx, [{ name: 'Member', departmentId: rootId, mobile: '13800001111' }])
        const userIds = [member!.id]
        for (const [who, id] of [
          [stranger, groupId],
          [owner, '1'],
        ] as const) {
          await assert.rejects(addGroupMembers(who, { groupId: id, userIds }), refusal('NOT_FOUND', 'groupId'))
          await assert.rejects(removeGroupMembers(who, { groupId: id, userIds }), refusal('NOT_FOUND', 'groupId'))
          await assert.rejects(
            listGroupMembers(who, { groupId: id, offset: 0, limit: 10 }),
            refusal('NOT_FOUND', 'groupId'),
          )
        }
        assert.deepEqual(await addGroupMembers(owner, { groupId, userIds }), { status: 0, failedList: [] })
        const answer = await addGroupMembers(owner, {
          groupId,
          amendModRoles: [{ userId: member!.id }, { userId: '1' }],
        })
        assert.deepEqual(answer, { status: 1, failedList: ['1'] })
        assert.deepEqual(await addGroupMembers(owner, { groupId, userIds: ['1'] }), { status: 2, failedList: ['1'] })
        await assert.rejects(addGroupMembers(owner, { groupId, userIds: [] }), refusal('PARAMETER_INVALID'))
        const members = await listGroupMembers(owner, { groupId, offset: 0, limit: 10, keyWord: 'MEM' })
        assert.equal(members.total, 1)
        assert.equal(members.userGroupMemberInfos[0]!.userId, member!.id)
        assert.equal(members.userGroupMemberInfos[0]!.deptName, 'Acme')
        assert.equal(members.userGroupMemberInfos[0]!.mobile, '138****1111')
        assert.deepEqual(await groupIdsOf(ctx.db, member!.id), [groupId])
        await removeGroupMembers(owner, { groupId, userIds })
        assert.deepEqual(await removeGroupMembers(owner, { groupId, userIds }), { status: 0, failedList: [] })
        assert.deepEqual(await groupIdsOf(ctx.db, member!.id), [])
      })

      test('a group holds 200 people, also when they are added at once', async () => {
        const { id: groupId } = await createGroup(owner, { groupName: 'Full', sourceType: 1 })
        const crowd = await addPeople(
          ctx,
          Array.from({ length: 201 }, (_, n) => ({ name: `C ${n}`, departmentId: rootId })),
        )
        const ids = crowd.map(({ id }) => id)
        await addGroupMembers(owner, { groupId, userIds: ids.slice(0, 199) })
        await addGroupMembers(owner, { groupId, userIds: ids.slice(0, 199) })
        const results = await Promise.allSettled(
          ids.slice(199).map((id) => addGroupMembers(owner, { groupId, userIds: [id] })),
        )
        assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
        assert.equal((await listGroupMembers(owner, { groupId, offset: 0, limit: 1 })).total, 200)
      })

      test('a person has 200 groups of a kind, and pages through them in order', async () => {
        const [keeper] = await addPeople(ctx, [{ name: 'Keeper', departmentId: rootId }])
        const own = contextOf(ctx, keeper!)
        const ids: string[] = []
        for (let n = 1; n <= 200; n++) ids.push((await createGroup(own, { groupName: `Group ${n}`, sourceType: 1 })).id)
        await assert.rejects(createGroup(own, { groupName: 'One more', sourceType: 1 }), refusal('LIMIT_REACHED'))
        await createGroup(own, { groupName: 'Another kind', sourceType: 0 })
        const seen: string[] = []
        let pageCursor = ''
        do {
          const page = await listGroups(own, { pageSize: 70, pageCursor, sourceType: 1 })
          assert.equal(page.total, 200)
          seen.push(...page.userGroupList.map(({ id }) => id))
          pageCursor = page.nextCursor ?? ''
        } while (pageCursor !== '')
        assert.deepEqual(seen, ids)
        const { nextCursor } = await listGroups(own, { pageSize: 1, sourceType: 1 })
        await assert.rejects(
          listGroups(own, { pageSize: 1, pageCursor: nextCursor, sourceType: 0 }),
          refusal('CURSOR_INVALID'),
        )
        const found = await listGroups(own, { pageSize: 100, sourceType: 1, groupName: 'GROUP 20' })
        assert.deepEqual(
          found.userGroupList.map(({ groupName }) => groupName),
          ['Group 20', 'Group 200'],
        )
      })
    })

    test('a page of 20,000 people costs as many statements as one of ten', async () => {
      const department = await make('Crowded')
      await addPeople(
        ctx,
        Array.from({ length: 10 }, (_, n) => ({ name: `Few ${n}`, departmentId: department })),
      )
      const few = await countStatements(ctx.db, (db) =>
        listPeople({ ...ctx, db }, { deptId: department, offset: 0, limit: 100 }),
      )
      await addPeople(
        ctx,
        Array.from({ length: 20_000 }, (_, n) => ({ name: `Many ${n}`, departmentId: department })),
      )
      for (const query of [{}, { offset: 19_900 }, { keyWord: 'any 199' }]) {
        const input = { deptId: department, offset: 0, limit: 100, ...query }
        const many = await countStatements(ctx.db, (db) => listPeople({ ...ctx, db }, input))
        assert.equal(many.answer.list.length, 100)
        assert.equal(many.statements, few.statements)
      }
      assert.equal(few.statements, 3)
    })
  })
}

test('a mobile number is masked, however long it is', () => {
  const cases = { '008618112348439': '0086181****8439', '13812345678': '138****5678', '12345': '****45', '': '' }
  for (const [mobile, masked] of Object.entries(cases)) assert.equal(maskMobile(mobile), masked)
})
