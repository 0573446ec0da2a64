import type { Endpoint } from '@driveway/contract'

/** A call ready for the wire, without credentials. */
export interface WireRequest {
  method: string
  /** Path and query, such as `/koodrive/ose/v1/userList?limit=5`. */
  target: string
  headers: Record<string, string>
  /** JSON, present when the endpoint has a body. */
  body: string | undefined
}

/** Distributes a flat input over path, query, headers and body by the endpoint's schemas; fields of no schema are left out. */
export function toRequest(endpoint: Endpoint, input: Record<string, unknown>): WireRequest {
  const query = new URLSearchParams()
  for (const [name, value] of fieldsOf(endpoint.query, input)) query.set(name, wireText(value))
  const search = query.toString()
  const headers: Record<string, string> = {}
  for (const [name, value] of fieldsOf(endpoint.headers, input)) headers[name] = wireText(value)
  if (endpoint.body) headers['content-type'] = 'application/json'
  return {
    method: endpoint.method,
    target: search ? `${pathOf(endpoint, input)}?${search}` : pathOf(endpoint, input),
    headers,
    body: endpoint.body ? JSON.stringify(Object.fromEntries(fieldsOf(endpoint.body, input))) : undefined,
  }
}

function pathOf(endpoint: Endpoint, input: Record<string, unknown>): string {
  return endpoint.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const text = wireText(input[name] ?? '')
    // An empty or dotted segment would silently address another endpoint.
    if (text === '' || text === '.' || text === '..') throw new TypeError(`${endpoint.name} needs the field ${name}`)
    return encodeURIComponent(text)
  })
}

function fieldsOf(schema: Endpoint['query'], input: Record<string, unknown>): [string, unknown][] {
  return Object.keys(schema?.properties ?? {})
    .filter((name) => input[name] !== undefined)
    .map((name) => [name, input[name]])
}

function wireText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}
