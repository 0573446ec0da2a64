import type { Answer, Endpoints } from '@driveway/contract'
import type { StagedUpload } from '../../blobs/blob-store.ts'
import { writeByteToken } from '../../byte-tokens.ts'
import type { Context } from '../../context.ts'
import { type PartRow, selectParts, setUploadRef, type UploadRow } from './transfers.queries.ts'

const linkLife = 3600

type SignedPart = Answer<Endpoints['createFile']>['multiParts'][number]

/** Begins an upload in the blob store, once, and signs the addresses of its parts. */
export async function beginAndSign(ctx: Context, upload: UploadRow): Promise<SignedPart[]> {
  const staged = upload.blob_ref === '' ? await ctx.blobs.beginUpload(upload.blob_key, upload.length) : stagedOf(upload)
  if (staged.ref !== upload.blob_ref) await setUploadRef.run(ctx.db, { id: upload.id, blob_ref: staged.ref })
  return signParts(ctx, { ...upload, blob_ref: staged.ref }, await selectParts.all(ctx.db, { upload_id: upload.id }))
}

/** The upload as the blob store knows it. */
export function stagedOf(row: Pick<UploadRow, 'blob_key' | 'blob_ref' | 'length'>): StagedUpload {
  return { key: row.blob_key, ref: row.blob_ref, size: row.length }
}

/** Addresses of parts: the store's own, or ours for bytes that have to pass this process. */
export async function signParts(ctx: Context, upload: UploadRow, parts: PartRow[]): Promise<SignedPart[]> {
  return Promise.all(
    parts.map(async (part) => ({
      partNumber: part.number,
      partSize: part.size,
      partOffset: part.start,
      uploadUrl: await addressOf(ctx, upload, part),
      partId: `${upload.blob_key}.${part.number}`,
      received: part.received_at !== null,
    })),
  )
}

/** An empty part never reaches a store: stores take no part without bytes. */
async function addressOf(ctx: Context, upload: UploadRow, { number, start: offset, size }: PartRow): Promise<string> {
  const signed = size > 0 ? await ctx.blobs.signPart(stagedOf(upload), { number, offset, size }, linkLife) : undefined
  if (signed !== undefined) return signed
  return `${ctx.config.publicUrl}/bytes/upload/${writeByteToken(ctx, { kind: 'put', uploadId: upload.id, part: number })}`
}
