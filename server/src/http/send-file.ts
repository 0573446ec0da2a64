import type { ServerResponse } from 'node:http'
import type { FileHandle } from 'node:fs/promises'
import type { ByteRange } from '../blobs/blob-store.ts'

const chunkBytes = 1024 * 1024
const maxSpare = 32
const spare: Buffer[] = []

/**
 * Sends a range of an open file as the rest of an answer whose head is written, ends it and closes the file. Two buffers take turns, one being read
 * while the other is written; that costs half of what a stream costs, which makes a new buffer for each piece. Rejects when
 * the reader goes away or the file ends early.
 */
export async function sendFile(file: FileHandle, range: ByteRange, response: ServerResponse): Promise<void> {
  const buffers = [takeBuffer(), takeBuffer()]
  try {
    await sendPieces(file, range, response, buffers)
    // only buffers nobody writes from any more may serve the next one
    spare.push(...buffers.slice(0, Math.max(0, maxSpare - spare.length)))
  } finally {
    await file.close()
  }
}

function takeBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes)
}

async function sendPieces(
  file: FileHandle,
  range: ByteRange,
  response: ServerResponse,
  buffers: Buffer[],
): Promise<void> {
  const until = waiterOf(response)
  const written: Promise<void>[] = buffers.map(() => Promise.resolve())
  for (let position = range.start, turn = 0; position <= range.end; turn = 1 - turn) {
    const buffer = buffers[turn] as Buffer
    await written[turn]
    const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, range.end + 1 - position), position)
    if (bytesRead === 0) throw new Error('the file ends before its range')
    const bytes = bytesRead === chunkBytes ? buffer : buffer.subarray(0, bytesRead)
    const done = until((callback) => response.write(bytes, callback))
    // a failure is met when the buffer's turn comes; until then it is nobody's
    done.catch(() => undefined)
    written[turn] = done
    position += bytesRead
  }
  await Promise.all(written)
  await until((callback) => response.end(callback))
}

type Callback = (error?: Error | null) => void

/** Makes promises of callbacks that never come when the reader goes away: those reject then. */
function waiterOf(response: ServerResponse): (begin: (callback: Callback) => void) => Promise<void> {
  const waiting = new Set<(error: Error) => void>()
  response.once('close', () => {
    for (const reject of waiting) reject(new Error('the reader went away'))
  })
  return (begin) =>
    new Promise((resolve, reject) => {
      if (response.destroyed) return reject(new Error('the reader went away'))
      waiting.add(reject)
      begin((error) => {
        waiting.delete(reject)
        if (error) reject(error)
        else resolve()
      })
    })
}
