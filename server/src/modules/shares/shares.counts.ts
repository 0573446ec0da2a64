import type { Parts } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { addDownloads } from './shares.queries.ts'

const pauseMs = 200

interface Pending {
  counts: Map<string, number>
  timer: NodeJS.Timeout | undefined
  writing: Promise<void>
}

const pending = new WeakMap<Db, Pending>()

/** Counts a download whose last byte was sent (decision S13); counts of a moment are written together. */
export function countShareDownload(parts: Pick<Parts, 'db' | 'log'>, shareId: string): void {
  const own = pending.get(parts.db) ?? {
    counts: new Map<string, number>(),
    timer: undefined,
    writing: Promise.resolve(),
  }
  pending.set(parts.db, own)
  own.counts.set(shareId, (own.counts.get(shareId) ?? 0) + 1)
  own.timer ??= setTimeout(() => void flushShareCounts(parts), pauseMs).unref()
}

/** Writes what was counted and not written yet. */
export async function flushShareCounts(parts: Pick<Parts, 'db' | 'log'>): Promise<void> {
  const own = pending.get(parts.db)
  if (!own) return
  clearTimeout(own.timer)
  own.timer = undefined
  const counts = [...own.counts]
  own.counts.clear()
  own.writing = own.writing.then(() => write(parts, counts))
  await own.writing
}

async function write(parts: Pick<Parts, 'db' | 'log'>, counts: [string, number][]): Promise<void> {
  try {
    await parts.db.transaction().execute(async (tx) => {
      for (const [id, count] of counts) await addDownloads.run(tx, { id, count })
    })
  } catch (error) {
    parts.log.error({ err: error, shares: counts.length }, 'downloads could not be counted')
  }
}
