import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A line to a server that can be slow and can break. */
export interface Line {
  /** The server's address by way of this line. */
  url: string
  /** Bytes that went to the server so far. */
  sent: () => number
  /** Breaks every connection there is now. */
  cut: () => void
}

/** Lays a line to the server at `target`; the nth connection (from 1) breaks after as many bytes to the server as `breakAfter` says. */
export async function layLine(
  t: TestContext,
  target: string,
  {
    breakAfter = () => Infinity,
    bytesPerMs = Infinity,
  }: { breakAfter?: (n: number) => number; bytesPerMs?: number } = {},
): Promise<Line> {
  const { hostname, port, protocol } = new URL(target)
  const sockets = new Set<Socket>()
  let sent = 0
  let count = 0
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    const limit = breakAfter(++count)
    let own = 0
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => {
      sent += chunk.length
      own += chunk.length
      if (own > limit) return void near.destroy()
      far.write(chunk)
      if (bytesPerMs === Infinity) return
      near.pause()
      setTimeout(() => near.resume(), chunk.length / bytesPerMs)
    })
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(() => {
    server.close()
    cut()
  })
  return { url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`, sent: () => sent, cut }
}
