import type { Handlers } from '../../http/mount.ts'
import { createFolder, getFile, getFilePath, listFiles, renameFile } from './files.service.ts'

/** Folders and the facts of files. */
export const fileHandlers = { createFolder, getFile, getFilePath, listFiles, renameFile } satisfies Partial<Handlers>
