import assert from 'node:assert/strict'
import type { Context, Parts, UserActor } from '../context.ts'
import { runRetrying } from '../db/retry.ts'
import type { Db } from '../db/schema.ts'
import { newId, newNodeId, randomHex } from '../ids.ts'
import { foldName } from '../names.ts'
import type { OpenSpace } from '../modules/access/access.service.ts'
import { insertUser } from '../modules/directory/directory.service.ts'
import { addNode, locateTarget } from '../modules/files/files.nodes.ts'
import { createPersonalSpace } from '../modules/files/files.provision.ts'
import { insertNodes } from '../modules/files/files.tree.queries.ts'
import { reserveBytes } from '../modules/spaces/spaces.service.ts'
import { contextOf } from './parts.ts'

/** A person with a space, and builders for what is in it. */
export interface Owner {
  ctx: Context & { actor: UserActor }
  space: OpenSpace
  addFolder(name: string, parentId?: string): Promise<string>
  /** A file with content of its own, `size` bytes by the books. */
  addFile(name: string, parentId?: string, size?: number): Promise<string>
  /** Many files at once that share one content. */
  addFiles(count: number, parentId: string, size?: number): Promise<void>
  /** Folders in one another, the deepest last. */
  addChain(length: number, parentId?: string): Promise<string[]>
  /** Live names below a folder, as paths in order. */
  paths(folderId?: string): Promise<string[]>
  used(): Promise<number>
}

const capacity = 1024 ** 3

/** Makes a person with an empty personal space. */
export async function addOwner(
  parts: Parts,
  options: { capacityBytes?: number; status?: number } = {},
): Promise<Owner> {
  const id = newId()
  const at = parts.now().toISOString()
  const user = {
    id,
    account: id,
    account_fold: id,
    name: `Person ${id}`,
    name_fold: `person ${id}`,
    department_id: '1',
    role: 1,
    status: options.status ?? 0,
    mobile: '',
    email: '',
    password_hash: 'x',
    created_at: at,
    updated_at: at,
  }
  const spaceId = await parts.db.transaction().execute(async (tx) => {
    await insertUser.run(tx, user)
    return createPersonalSpace(tx, { ownerId: id, capacityBytes: options.capacityBytes ?? capacity, at, by: id })
  })
  const space = await parts.db.selectFrom('spaces').selectAll().where('id', '=', spaceId).executeTakeFirstOrThrow()
  return builders(contextOf(parts, user), { id: space.id, rootId: space.root_id })
}

function builders(ctx: Owner['ctx'], space: OpenSpace): Owner {
  const { db } = ctx
  const common = () => {
    const at = ctx.now().toISOString()
    return { spaceId: space.id, createdAt: at, createdBy: ctx.actor.userId, editedAt: at }
  }
  const addFolder: Owner['addFolder'] = async (name, parentId = space.rootId) => {
    const input = { ...common(), parentId, name, isFolder: true, fileType: '10' }
    const node = await runRetrying(db, async (tx) => {
      await locateTarget(tx, space, parentId, 'parentFolder')
      return addNode(tx, ctx, input, 'fail')
    })
    return node.id
  }
  const addFile: Owner['addFile'] = async (name, parentId = space.rootId, size = 10) => {
    const input = { ...common(), parentId, name, isFolder: false, fileType: '9', size }
    const node = await runRetrying(db, async (tx) => {
      await reserveBytes(tx, space.id, size)
      await locateTarget(tx, space, parentId, 'parentFolder')
      return addNode(tx, ctx, { ...input, blobKey: await addBlob(tx, ctx, size, 1) }, 'fail')
    })
    return node.id
  }
  return {
    ctx,
    space,
    addFolder,
    addFile,
    addFiles: (count, parentId, size = 10) => addMany(ctx, space, { count, parentId, size }),
    async addChain(length, parentId) {
      const ids: string[] = []
      for (let level = 1; level <= length; level++) ids.push(await addFolder(`level ${level}`, ids.at(-1) ?? parentId))
      return ids
    },
    paths: (folderId = space.rootId) => pathsBelow(ctx, folderId),
    async used() {
      return (await db.selectFrom('spaces').select('used').where('id', '=', space.id).executeTakeFirstOrThrow()).used
    },
  }
}

async function addBlob(db: Db, ctx: Context, size: number, refs: number): Promise<string> {
  const key = randomHex(16)
  const row = {
    key,
    sha256: randomHex(32),
    size,
    crc32: 0,
    refs,
    unreferenced_at: null,
    created_at: ctx.now().toISOString(),
  }
  await db.insertInto('blobs').values(row).execute()
  return key
}

async function addMany(
  ctx: Owner['ctx'],
  space: OpenSpace,
  { count, parentId, size }: { count: number; parentId: string; size: number },
): Promise<void> {
  const blobKey = await addBlob(ctx.db, ctx, size, count)
  const template = await ctx.db.selectFrom('nodes').selectAll().where('id', '=', space.rootId).executeTakeFirstOrThrow()
  const rows = Array.from({ length: count }, (_, index) => {
    const name = `file ${index}`
    const kind = { is_folder: 0, file_type: '9', mime_type: 'text/plain', size, blob_key: blobKey, children_version: 0 }
    return {
      ...template,
      ...kind,
      id: newNodeId(),
      parent_id: parentId,
      name,
      name_fold: foldName(name),
      name_key: name,
    }
  })
  await ctx.db.transaction().execute(async (tx) => {
    await reserveBytes(tx, space.id, count * size)
    await insertNodes.all(tx, { rows: JSON.stringify(rows) })
  })
}

async function pathsBelow(ctx: Context, folderId: string, prefix = ''): Promise<string[]> {
  const children = await ctx.db
    .selectFrom('nodes')
    .select(['id', 'name', 'is_folder'])
    .where('parent_id', '=', folderId)
    .where('recycled_at', 'is', null)
    .orderBy('name_key')
    .execute()
  const paths: string[] = []
  for (const child of children) {
    const path = `${prefix}${child.name}`
    paths.push(path)
    if (child.is_folder === 1) paths.push(...(await pathsBelow(ctx, child.id, `${path}/`)))
  }
  return paths
}

/**
 * Fails unless a space is in order: every node below its root or below something in the bin, no folder deeper than 30, no two live
 * children of one name, its quota the sum of its files, and every blob referred to as often as it says.
 */
export async function assertInOrder({ ctx, space, used }: Owner): Promise<void> {
  const nodes = await ctx.db.selectFrom('nodes').selectAll().where('space_id', '=', space.id).execute()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const names = new Set<string>()
  for (const node of nodes) {
    let top = node
    let depth = 0
    while (top.id !== space.rootId && top.recycled_at === null) {
      const parent = byId.get(top.parent_id ?? '')
      assert.ok(parent, `${node.name} hangs in the air, under ${top.parent_id}`)
      top = parent
      assert.ok(++depth <= 64, `${node.name} is in a circle`)
    }
    if (top.id === space.rootId && node.is_folder === 1) assert.ok(depth <= 30, `${node.name} is too deep`)
    const place = `${node.parent_id}/${foldName(node.name)}`
    assert.ok(node.recycled_at !== null || !names.has(place), `two children are called ${node.name}`)
    if (node.recycled_at === null) names.add(place)
  }
  assert.equal(
    await used(),
    nodes.reduce((sum, node) => sum + node.size, 0),
    'the quota is not the sum of the sizes',
  )
  await assertReferences(ctx)
}

async function assertReferences(ctx: Context): Promise<void> {
  const blobs = await ctx.db.selectFrom('blobs').selectAll().execute()
  const rows = await ctx.db.selectFrom('nodes').select('blob_key').where('blob_key', 'is not', null).execute()
  const counts = new Map<string | null, number>()
  for (const { blob_key } of rows) counts.set(blob_key, (counts.get(blob_key) ?? 0) + 1)
  for (const blob of blobs) {
    assert.equal(blob.refs, counts.get(blob.key) ?? 0, 'a blob counts its references wrong')
    assert.equal(blob.unreferenced_at !== null, blob.refs === 0)
  }
}
