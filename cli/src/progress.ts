import { formatSize, plain, tell } from './output.ts'

/** How far a piece of work is, for the person who waits. */
export interface Progress {
  /** Adds bytes, or takes them back when they must travel again. */
  add: (bytes: number) => void
  /** Says which file is at work. */
  show: (name: string) => void
  stop: () => void
}

/** A bar on a terminal; silence elsewhere and for very little work. */
export async function startProgress(total: number, isWanted = true): Promise<Progress> {
  if (!isWanted || !process.stderr.isTTY || total === 0) {
    return { add: () => undefined, show: () => undefined, stop: () => undefined }
  }
  const { SingleBar } = (await import('cli-progress')).default
  let value = 0
  let label = ''
  const bar = new SingleBar({
    format: (_options, { progress, eta }) => {
      const filled = Math.round(progress * 24)
      const time = progress < 1 && Number.isFinite(eta) ? `${Math.ceil(Number(eta))} s left` : ''
      const sizes = `${formatSize(value)} of ${formatSize(total)}`
      return `${'━'.repeat(filled)}${'─'.repeat(24 - filled)} ${Math.floor(progress * 100)}%  ${sizes}  ${time}  ${label}`
    },
    etaBuffer: 50,
    fps: 8,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  })
  bar.start(total, 0)
  return {
    add: (bytes) => bar.update((value += bytes)),
    show: (name) => (label = plain(name).slice(0, 40)),
    stop: () => bar.stop(),
  }
}

/** Says at the end what was left out or failed, a few lines at most. */
export function tellSome(lines: readonly string[], most = 20): void {
  for (const line of lines.slice(0, most)) tell(plain(line))
  if (lines.length > most) tell(`… and ${lines.length - most} more`)
}
