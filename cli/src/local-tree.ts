import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { UserError } from './user-error.ts'

/** A folder of this machine that is to be on the drive. */
export interface LocalFolder {
  path: string
  name: string
  /** Undefined for what was named on the command line. */
  parent: LocalFolder | undefined
}

/** A file of this machine that is to be on the drive. */
export interface LocalFile {
  path: string
  name: string
  size: number
  parent: LocalFolder | undefined
}

/** What is below the paths that were named. */
export interface LocalTree {
  folders: LocalFolder[]
  files: LocalFile[]
  /** Symbolic links, pipes, devices, and what could not be read: left out, with the reason. */
  leftOut: { path: string; reason: string }[]
}

/**
 * Finds the files and folders below paths. A path that was named may be a symbolic link; links found below are never
 * followed, so nothing from outside the named folders is read.
 */
export async function readTree(paths: readonly string[]): Promise<LocalTree> {
  const tree: LocalTree = { folders: [], files: [], leftOut: [] }
  const names = new Set<string>()
  for (const named of paths) {
    const name = basename(resolve(named))
    if (!name) throw new UserError(`"${named}" has no name to give it on the drive: name a folder inside it.`)
    if (names.has(name)) throw new UserError(`Two of the paths are called "${name}": send them one after the other.`)
    names.add(name)
    const path = await realpath(named)
    const facts = await stat(path)
    if (facts.isDirectory()) await readFolder({ path, name, parent: undefined }, tree)
    else if (facts.isFile()) tree.files.push({ path, name, size: facts.size, parent: undefined })
    else throw new UserError(`${named} is neither a file nor a folder.`)
  }
  return tree
}

async function readFolder(top: LocalFolder, tree: LocalTree): Promise<void> {
  const waiting = [top]
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    tree.folders.push(folder)
    for (const name of await namesIn(folder, tree)) {
      const path = join(folder.path, name)
      const facts = await lstat(path).catch(() => undefined)
      if (facts?.isDirectory()) waiting.push({ path, name, parent: folder })
      else if (facts?.isFile()) tree.files.push({ path, name, size: facts.size, parent: folder })
      else tree.leftOut.push({ path, reason: facts?.isSymbolicLink() ? 'symbolic link' : 'not a regular file' })
    }
  }
}

async function namesIn(folder: LocalFolder, tree: LocalTree): Promise<string[]> {
  try {
    return (await readdir(folder.path)).toSorted()
  } catch (error) {
    tree.leftOut.push({ path: folder.path, reason: error instanceof Error ? error.message : String(error) })
    return []
  }
}
