import type { Static, TObject } from 'typebox'
import type { ErrorReason } from './errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Who may call: `anyone` without a credential (one that is sent is ignored), `visitor` with or without one, `user` signed in or
 * by app signature, `session` signed in only, `admin` a system administrator.
 */
export type Caller = 'anyone' | 'visitor' | 'user' | 'session' | 'admin'

/** One endpoint as data: validation, serialisation, SDK, OpenAPI and the access matrix all come from it. */
export interface Endpoint<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TObject = TObject,
  Answer extends TObject = TObject,
> {
  /** The operation's name: method of the SDK, `operationId` of the OpenAPI document. */
  name: string
  method: Method
  /** Path with `{name}` for parameters. */
  path: string
  /** The same operation under another method or path; a GET twin reads the body's fields from the query. */
  twins?: readonly { method: Method; path: string }[]
  tag: string
  summary: string
  description?: string
  caller: Caller
  /** True for calls that only read; they are logged at debug and may be repeated freely. */
  isRead?: boolean
  headers?: TObject
  params?: Params
  query?: Query
  body?: Body
  answer: Answer
  errors: readonly ErrorReason[]
  example?: { request?: Record<string, unknown>; answer: Record<string, unknown> }
}

/** Types one endpoint from its schemas; the value is unchanged. */
export function endpoint<
  Params extends TObject = TObject<{}>,
  Query extends TObject = TObject<{}>,
  Body extends TObject = TObject<{}>,
  Answer extends TObject = TObject<{}>,
>(definition: Endpoint<Params, Query, Body, Answer>): Endpoint<Params, Query, Body, Answer> {
  return definition
}

/** Everything a caller may send to an endpoint, in one flat object. */
export type Input<E> =
  E extends Endpoint<infer P, infer Q, infer B, infer _A> ? Static<P> & Static<Q> & Static<B> : never

/** What an endpoint answers beside `code` and `msg`. */
export type Answer<E> = E extends Endpoint<infer _P, infer _Q, infer _B, infer A> ? Static<A> : never
