import { type Endpoint, endpoints, errorKinds } from '@driveway/contract'
import type { Plugin } from 'vite'

/**
 * Gives the browser of the contract only what a client needs: where an endpoint is and what its fields are called, and the
 * failures. The schemas and their library stay with the server, which validates; that is a fifth of a page's first load.
 */
export function slimContract(): Plugin {
  const id = '\0slim-contract'
  return {
    name: 'slim-contract',
    enforce: 'pre',
    resolveId: (source) => (source === '@driveway/contract' ? id : undefined),
    load: (loaded) => (loaded === id ? writeSlimContract() : undefined),
  }
}

/** The source of the module that stands in for the contract. */
export function writeSlimContract(): string {
  const slim = Object.fromEntries(Object.entries(endpoints).map(([name, endpoint]) => [name, slimEndpoint(endpoint)]))
  return `export const endpoints = ${JSON.stringify(slim)}\nexport const errorKinds = ${JSON.stringify(errorKinds)}\n`
}

function slimEndpoint({ name, method, path, headers, params, query, body }: Endpoint): Record<string, unknown> {
  const fieldsOf = (schema: Endpoint['body']): object | undefined =>
    schema && { properties: Object.fromEntries(Object.keys(schema.properties).map((field) => [field, 0])) }
  const kinds = { headers, params, query, body }
  const fields = Object.entries(kinds).map(([kind, schema]) => [kind, fieldsOf(schema)])
  return { name, method, path, ...Object.fromEntries(fields) }
}
