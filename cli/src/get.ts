import { lstat, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { DriveError } from '@driveway/sdk'
import { downloadTo } from '@driveway/sdk/node'
import { forEachConcurrently } from './concurrent.ts'
import { folderType } from './drive-path.ts'
import { describeFailure } from './failure.ts'
import { interruption } from './interrupt.ts'
import { readLink } from './link.ts'
import { addressOf, listShare, type OpenedShare, openShare, type SharedItem } from './opened-share.ts'
import { count, formatSize, print, printJson } from './output.ts'
import { type Progress, startProgress, tellSome } from './progress.ts'
import { createNamer } from './safe-names.ts'
import { UserError } from './user-error.ts'

interface GetOptions {
  output?: string
  code?: string
  force?: boolean
  json?: boolean
}

interface Wanted {
  item: SharedItem
  path: string
}

interface GetRun {
  share: OpenedShare
  isForced: boolean
  progress: Progress
  signal: AbortSignal
  report: GetReport
}

interface GetReport {
  received: string[]
  unchanged: string[]
  failed: { path: string; reason: string }[]
  bytes: number
}

const filesAtOnce = 6
// The server allows 30; a hostile one must not lead us down for ever.
const deepest = 100
// After these no other file of the link would come either.
const fatalReasons = /^(NETWORK|UNAVAILABLE|TOKEN_INVALID|NOT_PERMITTED_BY_SHARE|SHARE_\w+)$/

/** `driveway get`: downloads everything behind a link into a folder, and nothing outside it. */
export async function get(link: string, options: GetOptions): Promise<void> {
  const shareLink = readLink(link)
  const share = await openShare(shareLink, options.code)
  const folder = options.output ?? '.'
  await mkdir(folder, { recursive: true })
  const signal = interruption()
  const files = await collect(share, await realpath(folder), signal)
  const progress = await startProgress(files.reduce((sum, { item }) => sum + (item.size ?? 0), 0))
  const report: GetReport = { received: [], unchanged: [], failed: [], bytes: 0 }
  const run = { share, isForced: options.force ?? false, progress, signal, report }
  try {
    await forEachConcurrently(files, filesAtOnce, (wanted) => getOne(run, wanted))
  } finally {
    progress.stop()
  }
  await share.close()
  finish(report, options)
}

function finish(report: GetReport, options: GetOptions): void {
  const { received, unchanged, failed, bytes } = report
  const there = unchanged.length > 0 ? `, ${unchanged.length} here already` : ''
  if (options.json) printJson(report)
  else print(`${count(received.length, 'file')} received (${formatSize(bytes)})${there}.`)
  tellSome(failed.map(({ path, reason }) => `failed: ${path}: ${reason}`))
  if (failed.length > 0) throw new UserError(`${count(failed.length, 'file')} could not be received.`)
}

/** Walks the share and makes its folders here; every name is made harmless and own before it meets the disk. */
async function collect(share: OpenedShare, folder: string, signal: AbortSignal): Promise<Wanted[]> {
  const files: Wanted[] = []
  const seen = new Set<string>()
  const walk = async (folderId: string | undefined, path: string, depth: number): Promise<void> => {
    if (depth > deepest)
      throw new UserError('The folders of this link go deeper than 100 levels; nothing was downloaded.')
    const nameFor = createNamer()
    const below: Wanted[] = []
    for await (const item of listShare(share, folderId)) {
      signal.throwIfAborted()
      const wanted = { item, path: join(path, nameFor(item.fileName)) }
      if (item.fileType !== folderType) files.push(wanted)
      else if (!seen.has(item.id)) below.push(wanted)
      seen.add(item.id)
    }
    for (const wanted of below) {
      await makeFolder(wanted.path)
      await walk(wanted.item.id, wanted.path, depth + 1)
    }
  }
  await walk(undefined, folder, 0)
  return files
}

/** Makes one folder, or takes a real one that is there; a link in its place could lead out of the target. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const facts = await lstat(path).catch(() => undefined)
    if (!facts) throw error
    if (!facts.isDirectory())
      throw new UserError(`${path} is in the way and is no folder: move it, or give another -o.`)
  }
}

async function getOne(run: GetRun, { item, path }: Wanted): Promise<void> {
  const { report, progress, signal, share } = run
  signal.throwIfAborted()
  try {
    if (await isHereAlready(run, item, path)) {
      progress.add(item.size ?? 0)
      report.unchanged.push(path)
      return
    }
    progress.show(item.fileName)
    let counted = 0
    const onProgress = ({ received }: { received: number }) => {
      progress.add(received - counted)
      counted = received
    }
    const { size, editedTime } = item
    const url = () => addressOf(share, item.id)
    const done = await downloadTo({ url, path, size, editedTime, onProgress, signal })
    report.received.push(path)
    report.bytes += done.size
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DriveError && fatalReasons.test(error.reason)) throw error
    report.failed.push({ path, reason: describeFailure(error) })
  }
}

async function isHereAlready(run: GetRun, item: SharedItem, path: string): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined)
  if (!facts) return false
  const isSameTime = Math.abs(facts.mtimeMs - Date.parse(item.editedTime)) < 1000
  if (facts.isFile() && facts.size === item.size && isSameTime) return true
  if (run.isForced && !facts.isDirectory()) return false
  throw new UserError('something else of this name is here; --force replaces files')
}
