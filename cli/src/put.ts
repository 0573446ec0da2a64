import { connect, type Connection, type ServerOptions } from './connect.ts'
import { ensureFolder, type FolderRef, personalSpace } from './drive-path.ts'
import { interruption } from './interrupt.ts'
import { type LocalTree, readTree } from './local-tree.ts'
import { count, formatSize, print, printJson } from './output.ts'
import { startProgress, tellSome } from './progress.ts'
import type { PutReport } from './put-tree.ts'
import { UserError } from './user-error.ts'

/** `driveway put`: brings files and folders to the drive. */
export async function put(paths: string[], options: ServerOptions & { to?: string; json?: boolean }): Promise<void> {
  const tree = await readTree(paths)
  const connection = await connect(options)
  const { drive, userId } = connection
  const target = await ensureFolder(drive, await personalSpace(drive, userId), options.to ?? '/')
  const report = await send(connection, target, tree, { isApart: false })
  await connection.close()
  if (options.json) printJson({ ...report, leftOut: tree.leftOut })
  else print(summary(report, tree))
  refuseIfIncomplete(report, tree)
}

/** Sends a tree with a progress bar, and with notes that let a later run go on. */
export async function send(
  connection: Connection,
  target: FolderRef,
  tree: LocalTree,
  { isApart }: { isApart: boolean },
): Promise<PutReport> {
  const { putTree } = await import('./put-tree.ts')
  const { openNotes } = await import('./upload-notes.ts')
  const { drive, server } = connection
  const notes = await openNotes()
  const progress = await startProgress(tree.files.reduce((sum, file) => sum + file.size, 0))
  try {
    return await putTree({ drive, server, target, tree, notes, progress, isApart, signal: interruption() })
  } finally {
    progress.stop()
  }
}

/** Tells which paths did not arrive, and rejects when there are any that should have. */
export function refuseIfIncomplete(report: PutReport, tree: LocalTree): void {
  tellSome(tree.leftOut.map(({ path, reason }) => `left out: ${path} (${reason})`))
  tellSome(report.failed.map(({ path, reason }) => `failed: ${path}: ${reason}`))
  if (report.failed.length === 0) return
  throw new UserError(`${count(report.failed.length, 'item')} could not be sent. Run the same command again to go on.`)
}

function summary(report: PutReport, tree: LocalTree): string {
  const sent = new Set(report.sent)
  const bytes = tree.files.filter((file) => sent.has(file.path)).reduce((sum, file) => sum + file.size, 0)
  const unchanged = report.unchanged.length > 0 ? `, ${report.unchanged.length} there already` : ''
  return `${count(report.sent.length, 'file')} sent (${formatSize(bytes)})${unchanged}.`
}
