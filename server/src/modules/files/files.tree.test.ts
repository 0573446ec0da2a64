import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Context, Parts } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { engines, openTestParts } from '../../testing/parts.ts'
import { addOwner, assertInOrder, type Owner } from '../../testing/trees.ts'
import { copyNode } from './files.copy.ts'
import { Interrupted, neverAborted } from './files.interruption.ts'
import { purgeBin, purgeLeftovers, purgeNode } from './files.purge.ts'
import { binNode, moveNode, restoreNode } from './files.tree.ts'

const refusal = (reason: string) => (error: unknown) => error instanceof DriveError && error.reason === reason
const signal = neverAborted

function copying(owner: Owner, nodeId: string, rest: Partial<Parameters<typeof copyNode>[1]> = {}) {
  return { from: owner.space, nodeId, to: owner.space, targetId: 'root', tag: nodeId, signal, ...rest }
}

async function nodeOf(ctx: Context, id: string) {
  return ctx.db.selectFrom('nodes').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** A signal that ends the work as soon as `count` nodes hang out of sight. */
async function whenHidden(ctx: Context, spaceId: string, count: number, isCancelled: boolean): Promise<AbortSignal> {
  const controller = new AbortController()
  const before = await countNodes(ctx, spaceId)
  const watch = async () => {
    while (Math.abs((await countNodes(ctx, spaceId)) - before) < count) await setImmediate()
    controller.abort(new Interrupted(isCancelled))
  }
  void watch()
  return controller.signal
}

async function countNodes(ctx: Context, spaceId: string): Promise<number> {
  const rows = await ctx.db.selectFrom('nodes').select('id').where('space_id', '=', spaceId).execute()
  return rows.length
}

for (const engine of engines) {
  describe(`the tree on ${engine}`, () => {
    let parts: Parts
    let close: () => Promise<void>
    let owner: Owner

    before(async () => {
      ;({ parts, close } = await openTestParts(engine))
    })
    after(() => close())

    const fresh = async (capacityBytes?: number) => {
      owner = await addOwner(parts, capacityBytes === undefined ? {} : { capacityBytes })
      return owner
    }

    test('what is put into the bin is gone from its folder with all below it, and still uses quota', async () => {
      const { ctx, space, addFolder, addFile, paths, used } = await fresh()
      const folder = await addFolder('Plans')
      await addFile('a.txt', folder)
      const version = (await nodeOf(ctx, space.rootId)).children_version
      await binNode(ctx, space, folder)
      assert.deepEqual(await paths(), [])
      assert.equal(await used(), 10)
      assert.ok((await nodeOf(ctx, space.rootId)).children_version > version)
      assert.equal((await nodeOf(ctx, folder)).recycled_by, ctx.actor.userId)
      await assertInOrder(owner)
    })

    test('what is in the bin already, is no file of the space, or is its root is not put into the bin', async () => {
      const { ctx, space, addFolder, addFile } = await fresh()
      const folder = await addFolder('Plans')
      const file = await addFile('a.txt', folder)
      const stranger = await addOwner(parts)
      await binNode(ctx, space, folder)
      await assert.rejects(binNode(ctx, space, folder), refusal('SOURCE_IN_BIN'))
      await assert.rejects(binNode(ctx, space, file), refusal('SOURCE_IN_BIN'))
      await assert.rejects(binNode(ctx, space, await stranger.addFile('b')), refusal('FILE_NOT_IN_SPACE'))
      await assert.rejects(binNode(ctx, space, space.rootId), refusal('NOT_PERMITTED'))
    })

    test('a restored item is back in its folder, under a timestamped name when its own is taken', async () => {
      const { ctx, space, addFolder, addFile, paths } = await fresh()
      const folder = await addFolder('Plans')
      const file = await addFile('a.txt', folder)
      await binNode(ctx, space, file)
      await restoreNode(ctx, space, file)
      assert.deepEqual(await paths(), ['Plans', 'Plans/a.txt'])
      await binNode(ctx, space, file)
      await addFile('A.TXT', folder)
      await restoreNode(ctx, space, file)
      assert.match((await paths())[2] ?? '', /^Plans\/a_\d{14}\.txt$/)
      await assertInOrder(owner)
    })

    test('an item whose folder is in the bin or gone is restored to a folder of that name at the top', async () => {
      const { ctx, space, addFolder, addFile, paths } = await fresh()
      const folder = await addFolder('Plans', await addFolder('Work'))
      const [first, second] = [await addFile('1.txt', folder), await addFile('2.txt', folder)]
      await binNode(ctx, space, first)
      await binNode(ctx, space, second)
      await binNode(ctx, space, folder)
      await restoreNode(ctx, space, first)
      assert.deepEqual(await paths(), ['Plans', 'Plans/1.txt', 'Work'])
      await purgeNode(ctx, { space, nodeId: folder, tag: 'gone', signal })
      await restoreNode(ctx, space, second)
      assert.deepEqual(await paths(), ['Plans', 'Plans/1.txt', 'Plans/2.txt', 'Work'])
      await assertInOrder(owner)
    })

    test('a file that has the name of the lost folder stays, and the folder gets a timestamp', async () => {
      const { ctx, space, addFolder, addFile, paths } = await fresh()
      const folder = await addFolder('Plans')
      const file = await addFile('1.txt', folder)
      await binNode(ctx, space, file)
      await purgeNode(ctx, { space, nodeId: folder, tag: 'gone', signal })
      await addFile('plans')
      await restoreNode(ctx, space, file)
      const [, made, inside] = await paths()
      assert.match(made ?? '', /^Plans_\d{14}$/)
      assert.equal(inside, `${made}/1.txt`)
    })

    test('only what was put into the bin by itself can be restored', async () => {
      const { ctx, space, addFolder, addFile } = await fresh()
      const folder = await addFolder('Plans')
      const file = await addFile('1.txt', folder)
      const stranger = await addOwner(parts)
      await assert.rejects(restoreNode(ctx, space, file), refusal('NOT_IN_BIN'))
      await binNode(ctx, space, folder)
      await assert.rejects(restoreNode(ctx, space, file), refusal('NOT_IN_BIN'))
      await assert.rejects(restoreNode(ctx, space, await stranger.addFile('b')), refusal('FILE_NOT_IN_SPACE'))
      await assert.rejects(restoreNode(ctx, space, 'Fnone'), refusal('FILE_NOT_IN_SPACE'))
    })

    test('nothing is restored deeper than 30 levels', async () => {
      const { ctx, space, addChain, addFolder } = await fresh()
      const parent = await addFolder('parent')
      const [top] = await addChain(10, parent)
      await binNode(ctx, space, top ?? '')
      const deep = await addChain(25)
      await moveNode(ctx, { space, nodeId: parent, targetId: deep.at(-1) ?? '' })
      await assert.rejects(restoreNode(ctx, space, top ?? ''), refusal('TOO_DEEP'))
      await moveNode(ctx, { space, nodeId: parent, targetId: deep[18] ?? '' })
      await restoreNode(ctx, space, top ?? '')
      await assertInOrder(owner)
    })

    test('a moved item is in its new folder, under a timestamped name when its own is taken', async () => {
      const { ctx, space, addFolder, addFile, paths } = await fresh()
      const folder = await addFolder('Plans')
      await addFile('A.txt', folder)
      const file = await addFile('a.TXT')
      await moveNode(ctx, { space, nodeId: file, targetId: folder })
      const [, first, second] = await paths()
      assert.equal(first, 'Plans/A.txt')
      assert.match(second ?? '', /^Plans\/a_\d{14}\.TXT$/)
      await moveNode(ctx, { space, nodeId: file, targetId: 'root' })
      assert.equal((await nodeOf(ctx, file)).parent_id, space.rootId)
      await assertInOrder(owner)
    })

    test('a folder is not moved into itself, nor anything to where it is or to no folder', async () => {
      const { ctx, space, addChain, addFile, addFolder } = await fresh()
      const [top, middle, bottom] = (await addChain(3)) as [string, string, string]
      const file = await addFile('a.txt')
      const binned = await addFolder('old')
      await binNode(ctx, space, binned)
      const move = (nodeId: string, targetId: string) => moveNode(ctx, { space, nodeId, targetId })
      await assert.rejects(move(top, top), refusal('NESTED_DIRECTORIES'))
      await assert.rejects(move(top, bottom), refusal('NESTED_DIRECTORIES'))
      await assert.rejects(move(middle, top), refusal('ALREADY_THERE'))
      await assert.rejects(move(bottom, file), refusal('TARGET_FOLDER_INVALID'))
      await assert.rejects(move(bottom, binned), refusal('TARGET_IN_BIN'))
      await assert.rejects(move(binned, top), refusal('SOURCE_IN_BIN'))
      await assert.rejects(move(space.rootId, top), refusal('NOT_PERMITTED'))
      await assertInOrder(owner)
    })

    test('the deepest folder below a moved one lies 30 levels deep at most; files may lie in it', async () => {
      const { ctx, space, addFolder, addChain, addFile } = await fresh()
      const deep = await addChain(29)
      const low = await addFolder('low')
      const [high] = await addChain(1, low)
      const file = await addFile('a.txt')
      await assert.rejects(moveNode(ctx, { space, nodeId: low, targetId: deep[28] ?? '' }), refusal('TOO_DEEP'))
      await moveNode(ctx, { space, nodeId: low, targetId: deep[27] ?? '' })
      await moveNode(ctx, { space, nodeId: file, targetId: high ?? '' })
      await assertInOrder(owner)
    })

    test('of two folders moved into each other at the same moment one stays', async () => {
      const { ctx, space, addFolder } = await fresh()
      for (let round = 0; round < 10; round++) {
        const [one, two] = [await addFolder(`one ${round}`), await addFolder(`two ${round}`)]
        const outcomes = await Promise.allSettled([
          moveNode(ctx, { space, nodeId: one, targetId: two }),
          moveNode(ctx, { space, nodeId: two, targetId: one }),
        ])
        assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1)
      }
      await assertInOrder(owner)
    })

    test('items of one name moved to one folder at the same moment all arrive', async () => {
      const { ctx, space, addFolder, addFile, paths } = await fresh()
      const target = await addFolder('target')
      const files: string[] = []
      for (let index = 0; index < 6; index++) files.push(await addFile('same.txt', await addFolder(`from ${index}`)))
      await Promise.all(files.map((nodeId) => moveNode(ctx, { space, nodeId, targetId: target })))
      assert.equal((await paths(target)).length, 6)
      await assertInOrder(owner)
    })

    test('a copied folder of 3,000 files has new ids, the same contents, and takes quota', async () => {
      const { ctx, space, addFolder, addFiles, addFile, addChain, paths, used } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(3000, folder)
      const [, , third] = await addChain(3, folder)
      await addFile('deep.txt', third, 5)
      const old = await addFile('old.txt', third, 7)
      await binNode(ctx, space, old)
      const target = await addFolder('Target')
      const id = await copyNode(ctx, copying(owner, folder, { targetId: target }))
      assert.deepEqual(
        await paths(id),
        (await paths(folder)).filter((path) => !path.endsWith('old.txt')),
      )
      assert.equal(await used(), 2 * 30_005 + 7)
      const copy = await nodeOf(ctx, id)
      assert.deepEqual([copy.parent_id, copy.source_id, copy.name], [target, folder, 'Big'])
      await assertInOrder(owner)
    })

    test('a copy next to its source has a timestamped name', async () => {
      const { ctx, addFile, paths } = await fresh()
      const file = await addFile('a.txt')
      await copyNode(ctx, copying(owner, file))
      const [first, second] = await paths()
      assert.equal(first, 'a.txt')
      assert.match(second ?? '', /^a_\d{14}\.txt$/)
      await assertInOrder(owner)
    })

    test('a copy to the space of somebody else takes quota there', async () => {
      const { ctx, addFolder, addFile } = await fresh()
      const folder = await addFolder('Plans')
      await addFile('a.txt', folder, 11)
      const other = await addOwner(parts)
      await copyNode(ctx, copying(owner, folder, { to: other.space }))
      assert.deepEqual(await other.paths(), ['Plans', 'Plans/a.txt'])
      assert.equal(await other.used(), 11)
      await assertInOrder(other)
      await assertInOrder(owner)
    })

    test('what cannot be copied is refused and leaves nothing', async () => {
      const { ctx, space, addChain, addFolder, addFile } = await fresh()
      const chain = await addChain(28)
      const folder = await addFolder('two')
      await addFolder('levels', await addFolder('more', folder))
      const old = await addFile('old.txt')
      await binNode(ctx, space, old)
      const copy = (nodeId: string, targetId: string) => copyNode(ctx, copying(owner, nodeId, { targetId }))
      await assert.rejects(copy(chain[0] ?? '', chain[4] ?? ''), refusal('NESTED_DIRECTORIES'))
      await assert.rejects(copy(folder, folder), refusal('NESTED_DIRECTORIES'))
      await assert.rejects(copy(folder, chain[27] ?? ''), refusal('TOO_DEEP'))
      await assert.rejects(copy(old, 'root'), refusal('SOURCE_IN_BIN'))
      await assert.rejects(copy(space.rootId, folder), refusal('NOT_PERMITTED'))
      await assert.rejects(copy('Fnone', 'root'), refusal('FILE_NOT_IN_SPACE'))
      await assertInOrder(owner)
    })

    test('nothing of a copy is seen before all of it is there', async () => {
      const { ctx, addFolder, addFiles, paths } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(2500, folder)
      const target = await addFolder('Target')
      let isDone = false
      const copy = copyNode(ctx, copying(owner, folder, { targetId: target })).finally(() => (isDone = true))
      while (!isDone) {
        const count = (await paths(target)).length
        assert.ok(count === 0 || count === 2501, `${count} nodes are seen`)
        await setImmediate()
      }
      await copy
      assert.equal((await paths(target)).length, 2501)
    })

    test('a copy that runs out of quota in the middle leaves nothing behind', async () => {
      const { ctx, addFolder, addFiles, paths, used } = await fresh(45_000)
      const folder = await addFolder('Big')
      await addFiles(3000, folder)
      const before = await paths()
      await assert.rejects(copyNode(ctx, copying(owner, folder)), refusal('INSUFFICIENT_SPACE'))
      assert.deepEqual(await paths(), before)
      assert.equal(await used(), 30_000)
      await assertInOrder(owner)
    })

    test('a cancelled copy leaves nothing behind', async () => {
      const { ctx, space, addFolder, addFiles, paths } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(3000, folder)
      const cancelled = await whenHidden(ctx, space.id, 500, true)
      await assert.rejects(copyNode(ctx, copying(owner, folder, { signal: cancelled })), Interrupted)
      assert.equal((await paths()).length, 3001)
      await assertInOrder(owner)
    })

    test('a copy that was broken off is made from the start by the next run, once', async () => {
      const { ctx, space, addFolder, addFiles, paths } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(3000, folder)
      const broken = await whenHidden(ctx, space.id, 500, false)
      await assert.rejects(copyNode(ctx, copying(owner, folder, { signal: broken })), Interrupted)
      assert.ok((await countNodes(ctx, space.id)) > 3500)
      const id = await copyNode(ctx, copying(owner, folder))
      assert.equal((await paths(id)).length, 3000)
      await assertInOrder(owner)
    })

    test('of two runs that copy the same item for the same job one makes a copy', async () => {
      const { ctx, addFolder, addFiles, paths } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(1500, folder)
      const target = await addFolder('Target')
      const run = () => copyNode(ctx, copying(owner, folder, { targetId: target, tag: 'same' }))
      const outcomes = await Promise.allSettled([run(), run()])
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof Interrupted)
      await purgeLeftovers(ctx, async () => new Set(), signal)
      const count = (await paths(target)).length
      assert.ok(count > 0 && count % 1501 === 0, `${count} nodes`)
      await assertInOrder(owner)
    })

    test('what is left of a copy nobody goes on with is cleared up', async () => {
      const { ctx, space, addFolder, addFiles } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(1500, folder)
      const broken = await whenHidden(ctx, space.id, 500, false)
      await assert.rejects(copyNode(ctx, copying(owner, folder, { tag: 'open:1', signal: broken })), Interrupted)
      await purgeLeftovers(ctx, async (tags) => new Set(tags), signal)
      assert.ok((await countNodes(ctx, space.id)) > 1510)
      await purgeLeftovers(ctx, async () => new Set(), signal)
      await assertInOrder(owner)
    })

    test('a purged folder is gone with its quota, and its contents are free', async () => {
      const { ctx, space, addFolder, addFiles, addChain, paths, used } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(1800, folder)
      const chain = await addChain(10, folder)
      for (const id of chain) await addFiles(20, id)
      await purgeNode(ctx, { space, nodeId: folder, tag: '1', signal })
      assert.deepEqual(await paths(), [])
      assert.equal(await used(), 0)
      assert.equal(await countNodes(ctx, space.id), 1)
      await assertInOrder(owner)
    })

    test('what lay in a purged folder and was put into the bin by itself stays there and can be restored', async () => {
      const { ctx, space, addFolder, addFile, paths } = await fresh()
      const folder = await addFolder('Work')
      const inner = await addFolder('Plans', folder)
      const kept = await addFolder('Kept', inner)
      await addFile('a.txt', kept)
      await binNode(ctx, space, kept)
      await binNode(ctx, space, folder)
      await purgeNode(ctx, { space, nodeId: folder, tag: '1', signal })
      await assertInOrder(owner)
      await restoreNode(ctx, space, kept)
      assert.deepEqual(await paths(), ['Plans', 'Plans/Kept', 'Plans/Kept/a.txt'])
      await assertInOrder(owner)
    })

    test('a purge that was broken off is out of sight, and completed by the next run', async () => {
      const { ctx, space, addFolder, addFiles, paths } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(3000, folder)
      const broken = await whenHidden(ctx, space.id, 500, false)
      const purge = { space, nodeId: folder, tag: '1' }
      await assert.rejects(purgeNode(ctx, { ...purge, signal: broken }), Interrupted)
      assert.deepEqual(await paths(), [])
      await assert.rejects(binNode(ctx, space, folder), refusal('FILE_NOT_IN_SPACE'))
      await assert.rejects(restoreNode(ctx, space, folder), refusal('FILE_NOT_IN_SPACE'))
      let finished = 0
      await purgeNode(ctx, { ...purge, signal }, async () => void finished++)
      assert.equal(finished, 1)
      assert.equal(await countNodes(ctx, space.id), 1)
      await assertInOrder(owner)
    })

    test('a purge that was begun is completed though it is cancelled', async () => {
      const { ctx, space, addFolder, addFiles } = await fresh()
      const folder = await addFolder('Big')
      await addFiles(3000, folder)
      const cancelled = await whenHidden(ctx, space.id, 500, true)
      await purgeNode(ctx, { space, nodeId: folder, tag: '1', signal: cancelled })
      await assertInOrder(owner)
      assert.equal(await countNodes(ctx, space.id), 1)
    })

    test('only items of the space are purged, and no root', async () => {
      const { ctx, space } = await fresh()
      const stranger = await addOwner(parts)
      const purge = (nodeId: string) => purgeNode(ctx, { space, nodeId, tag: '1', signal })
      await assert.rejects(purge(await stranger.addFile('b')), refusal('FILE_NOT_IN_SPACE'))
      await assert.rejects(purge('Fnone'), refusal('FILE_NOT_IN_SPACE'))
      await assert.rejects(purge(space.rootId), refusal('NOT_PERMITTED'))
    })

    test('an emptied bin keeps only what went there later', async () => {
      const { ctx, space, addFolder, addFile, used } = await fresh()
      for (let index = 0; index < 30; index++) {
        const folder = await addFolder(`folder ${index}`)
        await addFile('inside', folder)
        await binNode(ctx, space, folder)
        await binNode(ctx, space, await addFile(`file ${index}`))
      }
      const before = new Date(Date.now() + 1000).toISOString()
      const late = await addFile('late')
      await binNode({ ...ctx, now: () => new Date(Date.now() + 5000) }, space, late)
      let taken = 0
      const report = async (items: number) => void (taken += items)
      await purgeBin(ctx, { spaceId: space.id, before, tag: 'bin', signal, report })
      assert.equal(taken, 60)
      assert.equal(await used(), 10)
      await restoreNode(ctx, space, late)
      await assertInOrder(owner)
    })
  })
}
