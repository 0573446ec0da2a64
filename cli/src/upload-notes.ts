import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson, stateFolder, writePrivately } from './store.ts'

// The server throws unfinished uploads away after this time (decision F3).
const keptMs = 24 * 3_600_000

/** Notes about work that was begun, each under a key of texts, so that a later run can go on. */
export interface UploadNotes {
  read: (key: readonly string[]) => Promise<Record<string, unknown> | undefined>
  write: (key: readonly string[], note: object) => Promise<void>
  remove: (key: readonly string[]) => Promise<void>
}

/** Opens the notes of this person and throws away those that are too old to be of use. */
export async function openNotes(): Promise<UploadNotes> {
  const folder = join(stateFolder(), 'uploads')
  const pathOf = (key: readonly string[]) =>
    join(folder, `${createHash('sha256').update(JSON.stringify(key)).digest('hex')}.json`)
  await removeOld(folder)
  return {
    read: async (key) => (await readJson(pathOf(key))) as Record<string, unknown> | undefined,
    write: (key, note) => writePrivately(pathOf(key), note),
    remove: (key) => rm(pathOf(key), { force: true }),
  }
}

async function removeOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const path = join(folder, name)
    const facts = await stat(path).catch(() => undefined)
    if (facts && Date.now() - facts.mtimeMs > keptMs) await rm(path, { force: true })
  }
}
