import type { UploadPart } from './blob-store.ts'
import type { Attempt } from './disk-ledger.ts'
import { followFile, hashFile } from './hashing.ts'
import type { Digest, FileHash } from './hashing.ts'

/** Hashes an upload from its start while later bytes still arrive. */
export interface Follower {
  begin(part: UploadPart, attempt: Attempt): void
  /** The bytes of the part before `to` (counted in the content) are in the file. */
  reach(part: UploadPart, to: number): void
  /** The bytes of the part are not to be trusted any more. */
  spoil(part: UploadPart): void
  /** The digest of the whole file at `path`, whose parts were landed by these attempts in this order. */
  digest(path: string, parts: UploadPart[], attempts: Attempt[]): Promise<Digest>
  close(): void
}

interface Stretch {
  to: number
  end: number
  attempt: Attempt
}

const stepBytes = 4 << 20
/** Whoever keeps breaking a part off must not make us hash the same bytes again each time. */
const maxRestarts = 3

/** Follows the file at `path`. Nothing is opened before the first few MiB are there. */
export function openFollower(path: string): Follower {
  const stretches = new Map<number, Stretch>()
  let hash: FileHash | undefined
  let restarts = 0
  let front = 0
  let offered = 0

  const close = (): void => {
    hash?.drop()
    hash = undefined
    front = 0
    offered = 0
  }
  const spoil = (part: UploadPart): void => {
    stretches.delete(part.offset)
    if (part.offset >= offered) return
    close()
    restarts += 1
  }
  const reach = (part: UploadPart, to: number): void => {
    const stretch = stretches.get(part.offset)
    if (stretch === undefined || restarts > maxRestarts) return
    stretch.to = to
    let reached = stretches.get(front)
    while (reached !== undefined && reached.to === reached.end) {
      front = reached.end
      reached = stretches.get(front)
    }
    const safe = reached?.to ?? front
    if (safe - offered < stepBytes) return
    hash ??= followFile(path)
    hash.extend(safe)
    offered = safe
  }
  const isOurs = (parts: UploadPart[], attempts: Attempt[]): boolean =>
    parts.every((part, i) => part.offset >= offered || stretches.get(part.offset)?.attempt === attempts[i])

  return {
    close,
    spoil,
    reach,
    begin(part, attempt) {
      spoil(part)
      stretches.set(part.offset, { to: part.offset, end: part.offset + part.size, attempt })
    },
    async digest(finished, parts, attempts) {
      const size = parts.reduce((sum, part) => sum + part.size, 0)
      const following = hash !== undefined && isOurs(parts, attempts) ? hash.finish(size) : undefined
      if (following === undefined) close()
      hash = undefined
      return (await following?.catch(() => undefined)) ?? hashFile(finished, size)
    },
  }
}
