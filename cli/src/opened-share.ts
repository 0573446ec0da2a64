import { createDrive, type Drive, DriveError, pages, withRetries } from '@driveway/sdk'
import { connect } from './connect.ts'
import { type ShareLink } from './link.ts'
import { tell } from './output.ts'
import { ask, canAsk } from './prompt.ts'
import { UserError } from './user-error.ts'

/** A file or folder of a share. */
export type SharedItem = Awaited<ReturnType<Drive['listShareFilesPublic']>>['files'][number]

/** A share that let us in. */
export interface OpenedShare {
  /** The entries at the top, or of a folder. */
  list: (folderId?: string) => AsyncGenerator<SharedItem>
  /** A fresh address of a file's bytes. */
  addressOf: (fileId: string) => Promise<string>
  close: () => Promise<void>
}

interface Way {
  drive: Drive
  isPublic: boolean
  close: () => Promise<void>
}

/**
 * Opens a link: without an account when it lets everybody in, otherwise as the person who is signed in to that server. Asks
 * for the access code when it is needed, and again for its token when that runs out.
 */
export async function openShare(link: ShareLink, code: string | undefined): Promise<OpenedShare> {
  const way = await findWay(link)
  let known = code
  let kdstoken: string | undefined
  const enter = async () => {
    const entered = known === undefined ? await askForCode(way, link) : await verifyCode(way, link, known)
    known = entered.code
    kdstoken = entered.kdstoken
  }
  const inside = async <T>(call: (token: { kdstoken?: string }) => Promise<T>): Promise<T> => {
    const run = () => withRetries(() => call(kdstoken ? { kdstoken } : {}))
    try {
      return await run()
    } catch (error) {
      if (!isReason(error, 'ACCESS_CODE_REQUIRED')) throw error
    }
    await enter()
    return run()
  }
  const { drive, isPublic } = way
  let shareId = ''
  const listPage = async (parentFolder: string | undefined, pageCursor: string | undefined) => {
    const input = {
      shortUrl: link.shortUrl,
      pageSize: 100,
      sortType: 1,
      sortDirection: 1,
      // One view for one visit.
      refreshCount: shareId === '',
      ...(parentFolder ? { parentFolder } : {}),
      ...(pageCursor ? { pageCursor } : {}),
    }
    const page = await inside((token) =>
      drive[isPublic ? 'listShareFilesPublic' : 'listShareFiles']({ ...input, ...token }),
    )
    shareId = page.link.shareId
    return page
  }
  return {
    close: way.close,
    async *list(folderId) {
      for await (const { files } of pages((cursor) => listPage(folderId, cursor))) yield* files
    },
    async addressOf(fileId) {
      const input = { shareId, fileId }
      const answer = await inside((token) =>
        drive[isPublic ? 'downloadShareFilePublic' : 'downloadShareFile']({ ...input, ...token }),
      )
      return drive.resolveUrl(answer.downloadUrl)
    },
  }
}

async function findWay({ server, shortUrl }: ShareLink): Promise<Way> {
  const drive = createDrive({ baseUrl: server })
  try {
    await drive.visitSharePublic({ shortUrl })
    return { drive, isPublic: true, close: () => Promise.resolve() }
  } catch (error) {
    if (isReason(error, 'ACCESS_CODE_REQUIRED')) return { drive, isPublic: true, close: () => Promise.resolve() }
    if (!isReason(error, 'SIGN_IN_REQUIRED')) throw error
  }
  const { drive: own, close } = await connect({ server })
  return { drive: own, isPublic: false, close }
}

async function verifyCode(way: Way, { shortUrl }: ShareLink, extractCode: string) {
  const method = way.isPublic ? 'verifyExtractCodePublic' : 'verifyExtractCode'
  const { kdstoken } = await way.drive[method]({ shortUrl, extractCode })
  return { code: extractCode, kdstoken }
}

async function askForCode(way: Way, link: ShareLink) {
  if (!canAsk()) throw new UserError('This link needs its access code: give it with --code.')
  for (;;) {
    try {
      return await verifyCode(way, link, await ask('Access code'))
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
