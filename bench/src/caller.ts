import type { Socket } from 'node:net'
import { openExchange, type WireAnswer, type WireRequest, writeRequest } from './exchange.ts'

/** One keep-alive connection that takes one call at a time. */
export interface Caller {
  /** Sends a request; `stream` writes the body when it is too big for a string. Rejects when the connection breaks. */
  call: (request: WireRequest | string, stream?: (socket: Socket) => Promise<void>) => Promise<WireAnswer>
  close: () => void
}

/** Opens a connection for calls one after the other, keeping the bodies of answers. */
export function openCaller(port: number): Caller {
  let settle: { resolve: (answer: WireAnswer) => void; reject: (error: Error) => void } | undefined
  const socket = openExchange(port, true, {
    onOpen: () => {},
    onAnswer: (answer) => settle?.resolve(answer),
    onFailure: (reason) => settle?.reject(new Error(reason)),
  })
  return {
    call: async (request, stream) => {
      const answer = new Promise<WireAnswer>((resolve, reject) => {
        settle = { resolve, reject }
      })
      socket.write(typeof request === 'string' ? request : writeRequest(request))
      if (stream) await Promise.race([stream(socket), answer])
      return await answer
    },
    close: () => socket.destroy(),
  }
}

/** Throws unless the answer has the status, naming what was asked; returns the body as JSON. */
export function readJson(answer: WireAnswer, what: string, status = 200): Record<string, unknown> {
  if (answer.status !== status) throw new Error(`${what}: HTTP ${answer.status} ${answer.body.slice(0, 300)}`)
  return JSON.parse(answer.body) as Record<string, unknown>
}
