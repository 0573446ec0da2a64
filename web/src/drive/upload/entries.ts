import type { Wanted } from './queue.ts'

/** The files of a file input; with `webkitdirectory` each has its folders. */
export function wantedOfInput(files: Iterable<File>): Wanted[] {
  return [...files].map((file) => ({ file, folders: file.webkitRelativePath.split('/').slice(0, -1) }))
}

/** Everything that was dropped, folders read to their end. The transfer must be read while its event lasts. */
export async function wantedOfDrop(transfer: DataTransfer): Promise<Wanted[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return wantedOfInput(transfer.files)
  return (await Promise.all(entries.map((entry) => readEntry(entry, [])))).flat()
}

async function readEntry(entry: FileSystemEntry, folders: string[]): Promise<Wanted[]> {
  if (isFile(entry)) return [{ file: await new Promise<File>((done, fail) => entry.file(done, fail)), folders }]
  if (!isDirectory(entry)) return []
  const children = await readChildren(entry.createReader())
  return (await Promise.all(children.map((child) => readEntry(child, [...folders, entry.name])))).flat()
}

// A reader gives at most 100 entries a call; an empty answer is the end.
async function readChildren(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const batch = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail))
  return batch.length === 0 ? [] : [...batch, ...(await readChildren(reader))]
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
