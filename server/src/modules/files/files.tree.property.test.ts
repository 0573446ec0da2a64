import fc from 'fast-check'
import { after, before, describe, test } from 'node:test'
import type { Parts } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { engines, openTestParts } from '../../testing/parts.ts'
import { addOwner, assertInOrder, type Owner } from '../../testing/trees.ts'
import { copyNode } from './files.copy.ts'
import { neverAborted } from './files.interruption.ts'
import { purgeBin, purgeNode } from './files.purge.ts'
import { binNode, moveNode, restoreNode } from './files.tree.ts'

const signal = neverAborted

type Kind = 'folder' | 'file' | 'bin' | 'restore' | 'move' | 'copy' | 'purge' | 'empty'

/** One thing done to the item and the folder that two numbers choose among all that ever were. */
interface Step {
  kind: Kind
  item: number
  folder: number
  name: string
}

const kinds: { arbitrary: fc.Arbitrary<Kind>; weight: number }[] = [
  { arbitrary: fc.constantFrom('folder', 'file'), weight: 4 },
  { arbitrary: fc.constantFrom('bin', 'restore', 'move', 'copy'), weight: 8 },
  { arbitrary: fc.constantFrom('purge'), weight: 1 },
  { arbitrary: fc.constantFrom('empty'), weight: 1 },
]

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.oneof(...kinds),
    item: fc.nat(1000),
    folder: fc.nat(1000),
    name: fc.constantFrom('a', 'A', 'b', 'B.txt', 'b.TXT', 'c'),
  }),
  { minLength: 5, maxLength: 40 },
)

class Play {
  readonly #owner: Owner
  readonly #items: string[] = []
  readonly #folders: string[]
  #count = 0

  constructor(owner: Owner) {
    this.#owner = owner
    this.#folders = [owner.space.rootId]
  }

  async take(step: Step): Promise<void> {
    try {
      await this.#take(step)
    } catch (error) {
      if (!(error instanceof DriveError)) throw error
    }
  }

  async #take({ kind, item, folder, name }: Step): Promise<void> {
    const { ctx, space, addFolder, addFile } = this.#owner
    const nodeId = this.#items[item % this.#items.length] ?? 'Fnone'
    const targetId = this.#folders[folder % this.#folders.length] ?? 'root'
    const tag = String(this.#count++)
    switch (kind) {
      case 'folder':
        this.#add(await addFolder(name, targetId), true)
        break
      case 'file':
        this.#add(await addFile(name, targetId, item), false)
        break
      case 'bin':
        return binNode(ctx, space, nodeId)
      case 'restore':
        return restoreNode(ctx, space, nodeId)
      case 'move':
        return moveNode(ctx, { space, nodeId, targetId })
      case 'copy':
        this.#add(
          await copyNode(ctx, { from: space, nodeId, to: space, targetId, tag, signal }),
          this.#folders.includes(nodeId),
        )
        break
      case 'purge':
        return purgeNode(ctx, { space, nodeId, tag, signal })
      case 'empty':
        return purgeBin(ctx, { spaceId: space.id, before: ctx.now().toISOString(), tag, signal })
    }
  }

  #add(id: string, isFolder: boolean): void {
    this.#items.push(id)
    if (isFolder) this.#folders.push(id)
  }
}

for (const engine of engines) {
  describe(`any sequence of changes on ${engine}`, () => {
    let parts: Parts
    let close: () => Promise<void>

    before(async () => {
      ;({ parts, close } = await openTestParts(engine))
    })
    after(() => close())

    test('leaves no circle, no two children of one name, and a quota that is the sum of the sizes', async () => {
      const property = fc.asyncProperty(steps, async (sequence) => {
        const owner = await addOwner(parts, { capacityBytes: 20_000 })
        const play = new Play(owner)
        for (const step of sequence) await play.take(step)
        await assertInOrder(owner)
      })
      await fc.assert(property, { numRuns: engine === 'sqlite' ? 60 : 20 })
    })

    test('leaves the same when the changes are made four at a time', async () => {
      const property = fc.asyncProperty(steps, async (sequence) => {
        const owner = await addOwner(parts, { capacityBytes: 20_000 })
        const play = new Play(owner)
        for (let start = 0; start < sequence.length; start += 4) {
          await Promise.all(sequence.slice(start, start + 4).map((step) => play.take(step)))
        }
        await assertInOrder(owner)
      })
      await fc.assert(property, { numRuns: engine === 'sqlite' ? 30 : 20 })
    })
  })
}
