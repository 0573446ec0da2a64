import type { Drive } from './client.ts'
import type { Part } from './parts.ts'
import { type RetryPolicy, withRetries } from './retry.ts'

/** Parts that one call asks addresses for. */
export const linksPerCall = 100

// Addresses live for an hour; a slow part must still end in time.
const usableMs = 45 * 60_000

interface SignedPart {
  partNumber: number
  uploadUrl: string
  received?: boolean
}

/** The addresses of an upload's parts, and which parts are at the server. */
export interface UploadLinks {
  /** Takes over addresses of an answer. */
  add: (parts: readonly SignedPart[]) => void
  /** Asks for fresh addresses of these parts, and for which are there already. */
  fetch: (parts: readonly Part[]) => Promise<void>
  /** The part's address; asks for it, and for those of parts that come soon, when there is none or it is old. */
  urlOf: (part: Part, upcoming: readonly Part[]) => Promise<string>
  /** Forgets an address that was refused. */
  drop: (part: Part) => void
  isReceived: (part: Part) => boolean
  markReceived: (part: Part) => void
}

/** Keeps the addresses of one upload; one call for addresses runs at a time. */
export function createLinks(
  drive: Drive,
  fileId: string,
  { signal, policy }: { signal: AbortSignal | undefined; policy: RetryPolicy },
): UploadLinks {
  const urls = new Map<number, { url: string; since: number }>()
  const received = new Set<number>()
  let turn: Promise<unknown> = Promise.resolve()

  const fresh = (part: Part) => {
    const link = urls.get(part.partNumber)
    return link && Date.now() - link.since < usableMs ? link.url : undefined
  }
  const add = (parts: readonly SignedPart[]) => {
    for (const part of parts) {
      urls.set(part.partNumber, { url: drive.resolveUrl(part.uploadUrl), since: Date.now() })
      if (part.received) received.add(part.partNumber)
      else received.delete(part.partNumber)
    }
  }
  const fetch = async (parts: readonly Part[]) => {
    for (let start = 0; start < parts.length; start += linksPerCall) {
      const multiParts = parts.slice(start, start + linksPerCall)
      const call = () => drive.getUploadUrls({ fileId, multiParts }, { signal })
      add((await withRetries(call, { signal, policy })).multiParts)
    }
  }
  const soon = (part: Part, upcoming: readonly Part[]) => {
    const later = upcoming.filter((other) => other.partNumber > part.partNumber && !received.has(other.partNumber))
    return [part, ...later.filter((other) => !fresh(other)).slice(0, linksPerCall - 1)]
  }
  const urlOf = async (part: Part, upcoming: readonly Part[]) => {
    const wait = turn.then(async () => {
      if (!fresh(part)) await fetch(soon(part, upcoming))
    })
    turn = wait.catch(() => undefined)
    await wait
    const url = fresh(part)
    if (!url) throw new Error(`the server gave no address for part ${part.partNumber}`)
    return url
  }
  return {
    add,
    fetch,
    urlOf,
    drop: (part) => urls.delete(part.partNumber),
    isReceived: (part) => received.has(part.partNumber),
    markReceived: (part) => received.add(part.partNumber),
  }
}
