import type { Drive } from './client.ts'
import type { Part } from './parts.ts'
import { type RetryPolicy, withRetries } from './retry.ts'

/** Parts that one call asks addresses for. */
export const linksPerCall = 100

// Addresses live for an hour, but sessions end 20 minutes after the last call, and bytes are no call: asking again this often
// keeps whoever uploads for hours signed in.
const usableMs = 10 * 60_000

/** The addresses of an upload's parts, and which parts are at the server. */
export interface UploadLinks {
  drive: Drive
  fileId: string
  signal: AbortSignal | undefined
  policy: RetryPolicy
  urls: Map<number, { url: string; since: number }>
  received: Set<number>
  /** Ends with the call for addresses that runs now: one at a time. */
  turn: Promise<unknown>
}

/** No addresses yet. */
export function createLinks(given: Pick<UploadLinks, 'drive' | 'fileId' | 'signal' | 'policy'>): UploadLinks {
  return { ...given, urls: new Map(), received: new Set(), turn: Promise.resolve() }
}

/** Takes over the addresses of an answer. */
export function addLinks(
  links: UploadLinks,
  parts: readonly { partNumber: number; uploadUrl: string; received?: boolean }[],
): void {
  for (const { partNumber, uploadUrl, received } of parts) {
    links.urls.set(partNumber, { url: links.drive.resolveUrl(uploadUrl), since: Date.now() })
    if (received) links.received.add(partNumber)
    else links.received.delete(partNumber)
  }
}

/** Asks for fresh addresses of these parts, and for which are there already. */
export async function fetchLinks(links: UploadLinks, parts: readonly Part[]): Promise<void> {
  const { drive, fileId, signal, policy } = links
  for (let start = 0; start < parts.length; start += linksPerCall) {
    const multiParts = parts.slice(start, start + linksPerCall)
    const call = () => drive.getUploadUrls({ fileId, multiParts }, { signal })
    addLinks(links, (await withRetries(call, { signal, policy })).multiParts)
  }
}

/** The part's address; asks for it, and for those of parts that come soon, when there is none or it is old. */
export async function urlOfPart(links: UploadLinks, part: Part, upcoming: readonly Part[]): Promise<string> {
  const turn = links.turn.then(async () => {
    if (!freshUrl(links, part)) await fetchLinks(links, [part, ...soon(links, part, upcoming)])
  })
  links.turn = turn.catch(() => undefined)
  await turn
  const url = freshUrl(links, part)
  if (!url) throw new Error(`the server gave no address for part ${part.partNumber}`)
  return url
}

function freshUrl(links: UploadLinks, part: Part): string | undefined {
  const link = links.urls.get(part.partNumber)
  return link && Date.now() - link.since < usableMs ? link.url : undefined
}

function soon(links: UploadLinks, part: Part, upcoming: readonly Part[]): Part[] {
  return upcoming
    .filter((other) => other.partNumber > part.partNumber && !links.received.has(other.partNumber))
    .filter((other) => !freshUrl(links, other))
    .slice(0, linksPerCall - 1)
}
