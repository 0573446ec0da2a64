/** An app's key and the person it acts for. */
export interface AppKey {
  appId: string
  appSecret: string
  userId: string
}

/** What is signed. */
export interface RequestToSign extends AppKey {
  method: string
  /** Absolute, or a path when the origin is the page's own. */
  url: string
  /** The exact body; `''` without one. */
  body?: string
  now?: Date
  /** Sent and signed as `X-Traceid`: 58 of `[0-9A-Za-z_-]`. Without it two equal calls in one second have one signature, and the second is refused. */
  traceId?: string
}

/**
 * The headers that sign a request with an app's key (common.md 11.3, decision W6): `Authorization`, `X-Date`, `X-User-Id`,
 * and `X-Traceid` when there is one. Each signature is good once, for 15 minutes. Needs WebCrypto, which browsers offer on
 * https and localhost only.
 */
export async function signRequest(request: RequestToSign): Promise<Record<string, string>> {
  const url = new URL(request.url, pageAddress())
  const date = (request.now ?? new Date()).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const { userId, traceId } = request
  const signed = [
    ['host', url.host],
    ['x-date', date],
    ...(traceId ? [['x-traceid', traceId]] : []),
    ['x-user-id', userId.trim()],
  ]
  const names = signed.map(([name]) => name).join(';')
  const canonical = [
    request.method.toUpperCase(),
    canonicalPath(url.pathname),
    canonicalQuery(url.searchParams),
    signed.map(([name, value]) => `${name}:${value}\n`).join(''),
    names,
    await sha256(request.body ?? ''),
  ].join('\n')
  const signature = await hmac(request.appSecret, `HMAC-SHA256\n${await sha256(canonical)}`)
  return {
    Authorization: `HMAC-SHA256 AppId=${request.appId},SignedHeaders=${names},Signature=${signature}`,
    'X-Date': date,
    'X-User-Id': userId,
    ...(traceId ? { 'X-Traceid': traceId } : {}),
  }
}

function pageAddress(): string | undefined {
  return (globalThis as { location?: { href: string } }).location?.href
}

/** The path with every segment percent-encoded once and a slash at its end. */
export function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)))
    .join('/')
  return encoded.endsWith('/') ? encoded : `${encoded}/`
}

/** The query as sorted `name=value` pairs, all but unreserved characters percent-encoded. */
export function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function encode(text: string): string {
  const escapeOne = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, escapeOne)
}

const utf8 = new TextEncoder()

async function sha256(text: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', utf8.encode(text)))
}

async function hmac(secret: string, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), algorithm, false, ['sign'])
  return hex(await crypto.subtle.sign('HMAC', key, utf8.encode(text)))
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
