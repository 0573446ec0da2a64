import {
  type Endpoint,
  type EndpointName,
  endpoints,
  errorKinds,
  type ErrorReason,
  type Method,
} from '@driveway/contract'
import { Agent, request } from 'node:http'
import { listErrors } from '../http/openapi.ts'

/** One way an endpoint is reached: itself, or a twin. */
export interface Place {
  name: EndpointName
  endpoint: Endpoint
  method: Method
  path: string
  /** True for a GET twin, which takes the body's fields from the query. */
  isBodyInQuery: boolean
}

/** A call as it goes over the line, nothing about it checked. */
export interface WireCall {
  method: string
  /** Path and query. */
  path: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer | undefined
}

export interface WireAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  json: Envelope
}

/** What every answer has, and the rest of it. */
export interface Envelope {
  code?: number
  msg?: string
  error?: { errorData: Record<string, unknown>; errorDetail: WireDetail[]; code: number; description: string }
  [field: string]: unknown
}

export interface WireDetail {
  domain: string
  reason: string
  errorCode: string
  description: string
  errorPos: string
  errorParam: string
}

/** Every endpoint of the contract and every twin. */
export const places: Place[] = (Object.entries(endpoints) as [EndpointName, Endpoint][]).flatMap(([name, endpoint]) =>
  [{ method: endpoint.method, path: endpoint.path }, ...(endpoint.twins ?? [])].map((place) => ({
    name,
    endpoint,
    ...place,
    isBodyInQuery: place.method !== endpoint.method && place.method === 'GET',
  })),
)

/** How a place is named in a test. */
export function titleOf(place: Place): string {
  return `${place.name} (${place.method} ${place.path})`
}

/** What a caller may send, by where it goes. */
export interface Parted {
  header: Record<string, unknown>
  path: Record<string, unknown>
  query: Record<string, unknown>
  body: Record<string, unknown> | undefined
}

/** Parts a flat input as this place takes it. */
export function part(place: Place, input: Record<string, unknown>): Parted {
  const { headers, params, query, body } = place.endpoint
  const pick = (schema: Endpoint['body']) =>
    Object.fromEntries(
      Object.keys(schema?.properties ?? {}).flatMap((key) => (key in input ? [[key, input[key]]] : [])),
    )
  const inBody = pick(body)
  return {
    header: pick(headers),
    path: pick(params),
    query: place.isBodyInQuery ? inBody : pick(query),
    body: body && !place.isBodyInQuery ? inBody : undefined,
  }
}

function queryText(value: unknown): string {
  return encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value as string))
}

/** The call of a parted input. Values of the query that are arrays are sent one by one under the same name. */
export function wireOf(place: Place, parted: Parted, headers: Record<string, string> = {}): WireCall {
  const path = place.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => queryText(parted.path[name] ?? ''))
  const pairs = Object.entries(parted.query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${name}=${queryText(one)}`),
  )
  const own = Object.fromEntries(Object.entries(parted.header).map(([name, value]) => [name, String(value as string)]))
  return {
    method: place.method,
    path: pairs.length > 0 ? `${path}?${pairs.join('&')}` : path,
    headers: { ...own, ...headers, ...(parted.body ? { 'content-type': 'application/json' } : {}) },
    body: parted.body && JSON.stringify(parted.body),
  }
}

// many calls, one line each: the pool is as wide as a test is parallel
const agent = new Agent({ keepAlive: true, maxSockets: 16 })

/** Sends a call as it is and reads the whole answer. */
export function send(origin: string, call: WireCall): Promise<WireAnswer> {
  const { hostname, port } = new URL(origin)
  const { method, path, headers = {}, body } = call
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: parse(text) })
      })
    })
    outgoing.on('error', (error) => {
      // a kept line that the server has closed meanwhile says nothing about this call
      if (outgoing.reusedSocket) resolve(send(origin, call))
      else reject(error)
    })
    if (body !== undefined && !('transfer-encoding' in headers)) {
      outgoing.setHeader('content-length', Buffer.byteLength(body))
    }
    outgoing.end(body)
  })
}

function parse(text: string): Envelope {
  try {
    return JSON.parse(text) as Envelope
  } catch {
    return {}
  }
}

/** Whether the document of the API names this refusal for this endpoint. */
export function isDocumented(place: Place, answer: WireAnswer): boolean {
  const reasons = answer.json.error?.errorDetail.map((detail) => detail.reason) ?? []
  // reasons of single fields are all PARAMETER_INVALID
  const kinds = reasons.filter((reason) => reason in errorKinds) as ErrorReason[]
  return kinds.every((reason) => listErrors(place.endpoint).includes(reason))
}

/** `ok`, or the reason of a refusal as the wire tells it. */
export function outcomeOf(answer: WireAnswer): 'ok' | ErrorReason {
  if (answer.status === 200 && answer.json.code === 0) return 'ok'
  return (answer.json.error?.errorDetail[0]?.reason ??
    `no reason, HTTP ${answer.status}: ${answer.text}`) as ErrorReason
}
