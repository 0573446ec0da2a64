import type { Handlers } from '../../http/mount.ts'
import { downloadFiles } from './transfers.downloads.ts'
import { getUploadUrls } from './transfers.links.ts'
import { completeFile, createFile } from './transfers.service.ts'

/** Uploads and download addresses; the bytes themselves travel by `http/bytes.ts`. */
export const transferHandlers = { createFile, getUploadUrls, completeFile, downloadFiles } satisfies Partial<Handlers>
