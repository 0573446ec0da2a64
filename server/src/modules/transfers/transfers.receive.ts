import type { Readable } from 'node:stream'
import { BlobLengthError, BlobMissingError } from '../../blobs/blob-store.ts'
import { type Context, timestamp } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { stagedOf } from './transfers.links.ts'
import { findPartOfUpload, markPart } from './transfers.queries.ts'

/**
 * Takes the bytes of one part from a signed address. UPLOAD_NOT_FOUND when the upload is over, UPLOAD_FAILED when the body has
 * another length than was declared or breaks.
 */
export async function receivePart(
  ctx: Context,
  grant: { uploadId: string; part: number },
  body: Readable,
  length: number | undefined,
): Promise<void> {
  const key = { upload_id: grant.uploadId, number: grant.part }
  const part = await findPartOfUpload.first(ctx.db, key)
  if (!part || Date.parse(part.expires_at) < ctx.now().getTime()) throw new DriveError('UPLOAD_NOT_FOUND')
  if (length !== undefined && length !== part.size) throw new DriveError('UPLOAD_FAILED', { field: 'Content-Length' })
  // while these bytes are written over, the part does not count as here
  if (part.received_at !== null) await markPart.run(ctx.db, { ...key, received_at: null })
  try {
    if (part.size === 0) await requireNoBytes(body)
    else await ctx.blobs.writePart(stagedOf(part), { number: grant.part, offset: part.start, size: part.size }, body)
  } catch (error) {
    if (error instanceof BlobMissingError) throw new DriveError('UPLOAD_NOT_FOUND')
    throw error instanceof BlobLengthError || body.destroyed ? new DriveError('UPLOAD_FAILED') : error
  }
  await markPart.run(ctx.db, { ...key, received_at: timestamp(ctx) })
}

/** An empty part has nothing to stage, but its body has to be what was declared. */
async function requireNoBytes(body: Readable): Promise<void> {
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    if (chunk.length > 0) throw new BlobLengthError('a part declared empty has bytes')
  }
}
