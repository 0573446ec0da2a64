import type { Handlers } from '../../http/mount.ts'
import { listShareFiles } from './shares.list.ts'
import { createShare } from './shares.service.ts'
import { downloadShareFile, getShareInfo, verifyExtractCode, visitShare } from './shares.visit.ts'

/** Sharing, and opening a link signed in or as anybody: the public twins differ in who the caller is, not in what is done. */
export const shareHandlers = {
  createShare,
  visitShare,
  visitSharePublic: visitShare,
  getShareInfo,
  getShareInfoPublic: getShareInfo,
  verifyExtractCode,
  verifyExtractCodePublic: verifyExtractCode,
  listShareFiles,
  listShareFilesPublic: listShareFiles,
  downloadShareFile,
  downloadShareFilePublic: downloadShareFile,
} satisfies Partial<Handlers>
