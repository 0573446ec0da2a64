import { randomBytes } from 'node:crypto'
import { type Drive, DriveError, pages, withRetries } from '@driveway/sdk'
import { UserError } from './user-error.ts'

/** An entry of a folder. */
export type Entry = Awaited<ReturnType<Drive['listFiles']>>['files'][number]

/** A folder of a space; the top has the id `root`. */
export interface FolderRef {
  containerId: string
  id: string
}

/** The vendor's kind of folders. */
export const folderType = '10'

/** The personal space of the person. */
export async function personalSpace(drive: Drive, userId: string): Promise<string> {
  const { data } = await drive.getSpace({ ownerId: userId, type: 1 })
  return data.containerId
}

/** The form in which the server compares names: two names that fold alike cannot be in one folder. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/** The names of a drive path: `/Reports/2026/` and `Reports/2026` are the same. */
export function splitPath(path: string): string[] {
  return path
    .replace(/^drive:/, '')
    .split('/')
    .filter((name) => name !== '' && name !== '.')
}

/** All entries of a folder by name, folders first. */
export async function* listFolder(drive: Drive, folder: FolderRef, fileName?: string): AsyncGenerator<Entry> {
  const page = (pageCursor: string | undefined) =>
    drive.listFiles({
      type: 0,
      containerId: folder.containerId,
      parentFileId: folder.id,
      pageInfo: { pageSize: 100, ...(pageCursor ? { pageCursor } : {}) },
      sortInfo: { sortType: 1, sortDirection: 1 },
      foldersFirst: true,
      ...(fileName ? { fileName } : {}),
    })
  for await (const { files } of pages(page)) yield* files
}

/** The entry of that name in a folder, if there is one. */
export async function findChild(drive: Drive, folder: FolderRef, name: string): Promise<Entry | undefined> {
  const wanted = foldName(name)
  for await (const entry of listFolder(drive, folder, name)) {
    if (foldName(entry.fileName) === wanted) return entry
  }
  return undefined
}

/** What a drive path leads to: an entry, or undefined for the top. Refuses with the name that is missing. */
export async function resolvePath(drive: Drive, containerId: string, path: string): Promise<Entry | undefined> {
  let entry: Entry | undefined
  let walked = ''
  for (const name of splitPath(path)) {
    if (entry && entry.fileType !== folderType) throw new UserError(`"${walked}" on the drive is a file, not a folder.`)
    const next = await findChild(drive, { containerId, id: entry?.id ?? 'root' }, name)
    if (!next) throw new UserError(`There is no "${name}" in "${walked || '/'}" on the drive. See: driveway ls`)
    entry = next
    walked += `/${next.fileName}`
  }
  return entry
}

/** The folder of a drive path; missing folders are made. */
export async function ensureFolder(drive: Drive, containerId: string, path: string): Promise<FolderRef> {
  let folder: FolderRef = { containerId, id: 'root' }
  for (const name of splitPath(path)) folder = (await ensureSubfolder(drive, folder, name)).folder
  return folder
}

/** The sub-folder of that name, made when it is missing. */
export async function ensureSubfolder(
  drive: Drive,
  parent: FolderRef,
  name: string,
): Promise<{ folder: FolderRef; isNew: boolean }> {
  const { containerId } = parent
  const existing = await findChild(drive, parent, name)
  if (existing?.fileType === folderType) return { folder: { containerId, id: existing.id }, isNew: false }
  if (existing) throw new UserError(`"${name}" exists on the drive and is a file, not a folder.`)
  try {
    return { folder: await createFolder(drive, parent, name, 3), isNew: true }
  } catch (error) {
    if (!(error instanceof DriveError && error.reason === 'DUPLICATE_NAME')) throw error
  }
  // Somebody else made it in the meantime.
  const other = await findChild(drive, parent, name)
  if (!other) throw new UserError(`"${name}" could not be made on the drive. Try again.`)
  return { folder: { containerId, id: other.id }, isNew: false }
}

/** Makes a folder; on a name clash `renameMode` 2 makes another name, 3 refuses with DUPLICATE_NAME. */
export async function createFolder(
  drive: Drive,
  parent: FolderRef,
  name: string,
  renameMode: 2 | 3,
): Promise<FolderRef & { name: string }> {
  const { containerId, id } = parent
  const idempotencyKey = randomBytes(16).toString('hex')
  const input = { fileName: name, fileType: folderType, containerId, parentFolder: [id], renameMode }
  const made = await withRetries(() => drive.createFolder(input, { idempotencyKey }))
  return { containerId, id: made.id, name: made.fileName }
}
