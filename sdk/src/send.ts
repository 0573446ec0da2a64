import { DriveError, errorOfAnswer, networkError } from './errors.ts'

/** Bytes to PUT to a signed address. */
export interface BytesToSend {
  url: string
  bytes: Blob | Uint8Array<ArrayBuffer>
  fetch: typeof globalThis.fetch
  signal: AbortSignal
  /** Told the bytes of this body that left so far; only where the platform can tell. */
  onSent: (sent: number) => void
}

/**
 * Sends bytes by PUT without credentials: by XMLHttpRequest where there is one, because only that tells how far it is.
 * Rejects with a DriveError; with UPLOAD_LINK_DEAD when the address is refused.
 */
export async function sendBytes(send: BytesToSend): Promise<void> {
  send.signal.throwIfAborted()
  const { XMLHttpRequest: Request } = globalThis as { XMLHttpRequest?: new () => ByteRequest }
  const answer = Request ? await sendByXhr(new Request(), send) : await sendByFetch(send)
  if (answer.status >= 200 && answer.status < 300) return
  throw errorOfTransfer(answer)
}

interface TransferAnswer {
  status: number
  headers: Headers
  text: string
}

function errorOfTransfer(answer: TransferAnswer): DriveError {
  const error = errorOfAnswer(answer, parse(answer.text))
  if (error.reason !== 'BAD_ANSWER' && error.reason !== 'SIGNATURE_INVALID') return error
  // Object storage answers in XML, with 403 for an address past its time.
  const isRefused = answer.status === 400 || answer.status === 401 || answer.status === 403 || answer.status === 404
  const reason = isRefused ? 'UPLOAD_LINK_DEAD' : answer.status >= 500 ? 'UNAVAILABLE' : error.reason
  const { code, status, message, traceId } = error
  return new DriveError({ code, status, message, traceId, reason })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function sendByFetch({ url, bytes, fetch, signal }: BytesToSend): Promise<TransferAnswer> {
  try {
    const answer = await fetch(url, { method: 'PUT', body: bytes, signal, credentials: 'omit' })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  } catch (error) {
    signal.throwIfAborted()
    throw networkError(error)
  }
}

/** The part of XMLHttpRequest that is used; the SDK compiles without the browser's types. */
interface ByteRequest {
  open: (method: string, url: string) => void
  send: (body: Blob | Uint8Array<ArrayBuffer>) => void
  abort: () => void
  status: number
  responseText: string
  getResponseHeader: (name: string) => string | null
  onload: (() => void) | null
  onerror: (() => void) | null
  ontimeout: (() => void) | null
  onabort: (() => void) | null
  upload: { onprogress: ((event: { loaded: number }) => void) | null }
}

function sendByXhr(request: ByteRequest, { url, bytes, signal, onSent }: BytesToSend): Promise<TransferAnswer> {
  return new Promise((resolve, reject) => {
    const stop = () => request.abort()
    const settle = (act: () => void) => () => {
      signal.removeEventListener('abort', stop)
      act()
    }
    request.open('PUT', url)
    request.upload.onprogress = (event) => onSent(event.loaded)
    request.onload = settle(() => resolve(answerOf(request)))
    request.onerror = settle(() => reject(networkError(new Error('the connection broke'))))
    request.ontimeout = request.onerror
    request.onabort = settle(() => reject(signal.reason as Error))
    signal.addEventListener('abort', stop, { once: true })
    request.send(bytes)
  })
}

function answerOf(request: ByteRequest): TransferAnswer {
  const headers = new Headers()
  for (const name of ['retry-after', 'x-traceid']) {
    const value = request.getResponseHeader(name)
    if (value !== null) headers.set(name, value)
  }
  return { status: request.status, headers, text: request.responseText }
}
