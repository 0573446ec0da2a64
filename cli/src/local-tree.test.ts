import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { readTree } from './local-tree.ts'

test('a folder is read whole, and links in it lead nowhere', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'driveway-tree-'))
  t.after(() => rm(base, { recursive: true }))
  const top = join(base, 'top')
  await mkdir(join(top, 'a', 'empty'), { recursive: true })
  await writeFile(join(base, 'secret'), 'outside')
  await writeFile(join(top, 'a', 'one'), '1')
  await symlink(join(base, 'secret'), join(top, 'leak'))
  await symlink(base, join(top, 'a', 'loop'))
  const tree = await readTree([top])
  const names = (list: { path: string }[]) => list.map(({ path }) => relative(base, path)).toSorted()
  assert.deepEqual(names(tree.folders), ['top', 'top/a', 'top/a/empty'])
  assert.deepEqual(names(tree.files), ['top/a/one'])
  assert.deepEqual(names(tree.leftOut), ['top/a/loop', 'top/leak'])
})

test('a path that was named may be a link, keeps its own name, and must have one', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'driveway-tree-'))
  t.after(() => rm(base, { recursive: true }))
  await writeFile(join(base, 'real'), 'x')
  await symlink(join(base, 'real'), join(base, 'alias'))
  const tree = await readTree([join(base, 'alias')])
  assert.equal(tree.files[0]?.name, 'alias')
  await assert.rejects(readTree(['/']), /has no name/)
  await assert.rejects(readTree([join(base, 'missing')]), { code: 'ENOENT' })
})
