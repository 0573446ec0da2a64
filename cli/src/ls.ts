import { connect, type ServerOptions } from './connect.ts'
import { type Entry, folderType, listFolder, personalSpace, resolvePath } from './drive-path.ts'
import { formatMoment, formatSize, plain, print, printJson } from './output.ts'

/** `driveway ls`: a folder of the drive, or one file. */
export async function ls(path: string, options: ServerOptions & { json?: boolean }): Promise<void> {
  const { drive, userId, close } = await connect(options)
  const containerId = await personalSpace(drive, userId)
  const entry = await resolvePath(drive, containerId, path)
  const isFile = entry !== undefined && entry.fileType !== folderType
  const entries = isFile ? single(entry) : listFolder(drive, { containerId, id: entry?.id ?? 'root' })
  if (options.json) printJson((await Array.fromAsync(entries)).map(forMachines))
  else for await (const one of entries) print(line(one))
  await close()
}

async function* single(entry: Entry): AsyncGenerator<Entry> {
  yield await Promise.resolve(entry)
}

function forMachines(entry: Entry) {
  const { id, fileName: name, fileType, size, editedTime, sha256 } = entry
  return { id, name, isFolder: fileType === folderType, size, editedTime, sha256 }
}

function line(entry: Entry): string {
  const isFolder = entry.fileType === folderType
  const size = isFolder ? '' : formatSize(entry.size ?? 0)
  return `${size.padStart(8)}  ${formatMoment(entry.editedTime).padEnd(23)}  ${plain(entry.fileName)}${isFolder ? '/' : ''}`
}
