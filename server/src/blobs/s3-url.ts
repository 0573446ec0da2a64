/** Where an S3 store is. Credentials are never part of it. */
export interface S3Place {
  bucket: string
  prefix: string
  endpoint?: string
  region?: string
  /** The endpoint as clients see it, when it differs from ours. */
  publicEndpoint?: string
}

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&publicEndpoint=…`. Throws a TypeError, which never repeats the text, when it is
 * something else or has credentials in it.
 */
export function parseS3Url(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 's3:' || url.hostname === '')
    throw new TypeError('an S3 address has the form s3://bucket/prefix')
  if (url.username !== '' || url.password !== '') throw new TypeError('an S3 address must not contain credentials')
  const known = new Set(['endpoint', 'region', 'publicEndpoint'])
  if ([...url.searchParams.keys()].some((name) => !known.has(name))) {
    throw new TypeError('an S3 address knows endpoint, region and publicEndpoint only')
  }
  return {
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    endpoint: readEndpoint(url, 'endpoint'),
    region: url.searchParams.get('region') ?? undefined,
    publicEndpoint: readEndpoint(url, 'publicEndpoint'),
  }
}

function readEndpoint(url: URL, name: string): string | undefined {
  const text = url.searchParams.get(name)
  if (text === null) return undefined
  const endpoint = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = endpoint?.protocol === 'http:' || endpoint?.protocol === 'https:'
  if (endpoint === undefined || !isWeb || endpoint.username !== '') throw new TypeError(`${name} is not a web address`)
  return text
}
