import { createDrive, type Drive, DriveError, pages, withRetries } from '@driveway/sdk'
import { connectToLink } from './connect.ts'
import type { ShareLink } from './link.ts'
import { tell } from './output.ts'
import { ask, canAsk } from './prompt.ts'
import { UserError } from './user-error.ts'

type SharePage = Awaited<ReturnType<Drive['listShareFilesPublic']>>

/** A file or folder of a share. */
export type SharedItem = SharePage['files'][number]

/** A link and how it lets us in. */
export interface OpenedShare {
  link: ShareLink
  drive: Drive
  /** Whether the calls for people without an account do. */
  isPublic: boolean
  code: string | undefined
  kdstoken: string | undefined
  /** Known after the first listing. */
  shareId: string
  close: () => Promise<void>
}

/** Finds the way into a link: without an account when it lets everybody in, otherwise as the person signed in to that server. */
export async function openShare(link: ShareLink, code: string | undefined): Promise<OpenedShare> {
  const { server, shortUrl } = link
  const start = { link, code, kdstoken: undefined, shareId: '' }
  const drive = createDrive({ baseUrl: server })
  try {
    await drive.visitSharePublic({ shortUrl })
  } catch (error) {
    if (isReason(error, 'SIGN_IN_REQUIRED')) {
      const { drive: own, close } = await connectToLink(server)
      return { ...start, drive: own, isPublic: false, close }
    }
    if (!isReason(error, 'ACCESS_CODE_REQUIRED')) throw error
  }
  return { ...start, drive, isPublic: true, close: () => Promise.resolve() }
}

/** The entries at the top of a share, or of a folder in it. */
export async function* listShare(share: OpenedShare, folderId?: string): AsyncGenerator<SharedItem> {
  for await (const { files } of pages((cursor) => listPage(share, folderId, cursor))) yield* files
}

async function listPage(share: OpenedShare, parentFolder: string | undefined, pageCursor: string | undefined) {
  const input = {
    shortUrl: share.link.shortUrl,
    pageSize: 100,
    sortType: 1,
    sortDirection: 1,
    // One view for one visit.
    refreshCount: share.shareId === '',
    ...(parentFolder ? { parentFolder } : {}),
    ...(pageCursor ? { pageCursor } : {}),
  }
  const method = share.isPublic ? 'listShareFilesPublic' : 'listShareFiles'
  const page = await inside(share, (token): Promise<SharePage> => share.drive[method]({ ...input, ...token }))
  share.shareId = page.link.shareId
  return page
}

/** A fresh address of a file's bytes. */
export async function addressOf(share: OpenedShare, fileId: string): Promise<string> {
  const input = { shareId: share.shareId, fileId }
  const method = share.isPublic ? 'downloadShareFilePublic' : 'downloadShareFile'
  const answer = await inside(share, (token) => share.drive[method]({ ...input, ...token }))
  return share.drive.resolveUrl(answer.downloadUrl)
}

/** Makes a call with the share's token; gets one by the access code when it is missing or has run out. */
async function inside<T>(share: OpenedShare, call: (token: { kdstoken?: string }) => Promise<T>): Promise<T> {
  const run = () => withRetries(() => call(share.kdstoken ? { kdstoken: share.kdstoken } : {}))
  try {
    return await run()
  } catch (error) {
    if (!isReason(error, 'ACCESS_CODE_REQUIRED')) throw error
  }
  if (share.code === undefined) await askForCode(share)
  else await verifyCode(share, share.code)
  return run()
}

async function verifyCode(share: OpenedShare, extractCode: string): Promise<void> {
  const { shortUrl } = share.link
  const method = share.isPublic ? 'verifyExtractCodePublic' : 'verifyExtractCode'
  share.kdstoken = (await share.drive[method]({ shortUrl, extractCode })).kdstoken
  share.code = extractCode
}

async function askForCode(share: OpenedShare): Promise<void> {
  if (!canAsk()) throw new UserError('This link needs its access code: give it with --code.')
  for (;;) {
    try {
      return await verifyCode(share, await ask('Access code'))
    } catch (error) {
      if (!(error instanceof DriveError) || error.reason !== 'ACCESS_CODE_WRONG') throw error
      const left = Number(error.data['triesLeft'] ?? Number.NaN)
      tell(`That is not it.${Number.isFinite(left) ? ` Tries left: ${left}.` : ''}`)
    }
  }
}

function isReason(error: unknown, reason: string): boolean {
  return error instanceof DriveError && error.reason === reason
}
