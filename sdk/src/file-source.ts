import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileSource } from './upload.ts'

/**
 * Opens a file of this machine for an upload; `close` must be called. A symbolic link, or anything but a regular file, is
 * refused, and reading rejects once the file was changed.
 */
export async function openFileSource(path: string): Promise<FileSource & { close: () => Promise<void> }> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  const before = await file.stat()
  if (!before.isFile()) {
    await file.close()
    throw new Error(`${path} is no regular file`)
  }
  return {
    size: before.size,
    editedTime: new Date(Math.max(0, Math.trunc(before.mtimeMs))).toISOString(),
    close: () => file.close(),
    async read(start, end) {
      const bytes = new Uint8Array(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      const now = await file.stat()
      if (filled < bytes.length || now.size !== before.size || now.mtimeMs !== before.mtimeMs) {
        throw new Error(`${path} was changed while it was being sent`)
      }
      return bytes
    },
  }
}
