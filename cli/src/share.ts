import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { withRetries } from '@driveway/sdk'
import { connect, type Connection, type ServerOptions } from './connect.ts'
import { personalSpace, resolvePath } from './drive-path.ts'
import { readTree } from './local-tree.ts'
import { count, formatMoment, plain, print, printJson, tell } from './output.ts'
import { refuseIfIncomplete, send } from './put.ts'
import { findReceivers } from './receivers.ts'
import { UserError } from './user-error.ts'
import { randomText } from './users.ts'

interface ShareOptions extends ServerOptions {
  days: string
  code?: string | boolean
  scope?: string
  to?: string[]
  download: boolean
  comment?: string
  json?: boolean
}

interface Shared {
  fileIds: string[]
  /** To be called when the link is made. */
  forget: () => Promise<void>
}

const scopes = ['anyone', 'enterprise', 'chosen']

/** `driveway share`: makes a link to files and folders; those of this machine are brought to the drive first. */
export async function share(paths: string[], options: ShareOptions): Promise<void> {
  const wish = readWish(options)
  const connection = await connect(options)
  const { drive, userId } = connection
  const containerId = await personalSpace(drive, userId)
  const receivers = await findReceivers(drive, options.to ?? [])
  const { fileIds, forget } = await bringToDrive(connection, containerId, paths)
  const idempotencyKey = randomBytes(16).toString('hex')
  const input = { ...wish, ...receivers, containerId, fileIds }
  const { shareLink, data } = await withRetries(() => drive.createShare(input, { idempotencyKey }))
  await forget()
  await connection.close()
  const { linkUrl: link, expireTime, shareId } = shareLink
  const code = wish.extractCode
  if (options.json) return printJson({ link, code, expireTime, shareId, taskId: data.taskId, fileIds })
  const opens = ['', 'everybody with the link', 'people of the enterprise', 'the people chosen'][wish.scope] ?? ''
  print(link)
  if (code) print(`Access code  ${code}`)
  print(`Open until   ${formatMoment(expireTime)}`)
  print(`Opens for    ${opens}${wish.permission.download ? '' : ', to look at only'}`)
  if (process.stdout.isTTY) await printQrCode(link)
}

function readWish(options: ShareOptions) {
  const validDays = Number(options.days)
  if (!Number.isInteger(validDays) || validDays < 1 || validDays > 365) {
    throw new UserError('--days takes a number from 1 to 365.', 2)
  }
  const extractCode = options.code === true ? randomText(8) : options.code || undefined
  if (extractCode !== undefined && !/^[0-9A-Za-z]{4,32}$/.test(extractCode)) {
    throw new UserError('--code takes 4 to 32 letters and digits, or nothing, and then one is made.', 2)
  }
  return {
    scope: readScope(options),
    validDays,
    permission: { preview: true, download: options.download, edit: false },
    ...(extractCode ? { extractCode } : {}),
    ...(options.comment ? { comment: options.comment } : {}),
  }
}

function readScope({ scope, to = [] }: ShareOptions): number {
  const number = scopes.indexOf(scope ?? (to.length > 0 ? 'chosen' : 'anyone')) + 1
  if ((number === 3) !== to.length > 0) throw new UserError('--to and --scope chosen belong together.', 2)
  return number
}

async function bringToDrive(connection: Connection, containerId: string, paths: string[]): Promise<Shared> {
  const local: string[] = []
  const fileIds: string[] = []
  for (const path of paths) {
    if (!path.startsWith('drive:') && (await exists(path))) local.push(path)
    else fileIds.push(await idOnDrive(connection, containerId, path))
  }
  if (local.length === 0) return { fileIds, forget: () => Promise.resolve() }
  const tree = await readTree(local)
  const report = await send(connection, { containerId, id: 'root' }, tree, { isApart: true })
  refuseIfIncomplete(report, tree)
  tell(`${count(report.sent.length, 'file')} sent: ${report.tops.map(({ name }) => `/${plain(name)}`).join(', ')}`)
  return { fileIds: [...fileIds, ...report.tops.map(({ id }) => id)], forget: report.forget }
}

async function idOnDrive({ drive }: Connection, containerId: string, path: string): Promise<string> {
  const entry = await resolvePath(drive, containerId, path).catch((error: unknown) => {
    throw error instanceof UserError && !path.startsWith('drive:')
      ? new UserError(`There is no "${path}" here, and none on the drive either. (${error.message})`)
      : error
  })
  if (!entry) throw new UserError('The whole drive cannot be shared: name a file or folder in it.')
  return entry.id
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function printQrCode(link: string): Promise<void> {
  const { toString } = (await import('qrcode')).default
  print()
  print(await toString(link, { type: 'utf8', margin: 2 }))
}
