import type { Answer, Endpoints, Input } from '@driveway/contract'
import type { StagedUpload } from '../../blobs/blob-store.ts'
import { writeByteToken } from '../../byte-tokens.ts'
import { type Context, requireUser } from '../../context.ts'
import { runRetrying } from '../../db/retry.ts'
import { DriveError, invalidField } from '../../errors.ts'
import { requireSpace } from '../access/access.service.ts'
import { placeParts } from './transfers.parts.ts'
import { findUpload, type PartRow, putPart, selectParts, setUploadRef, type UploadRow } from './transfers.queries.ts'

const linkLife = 3600

type SignedPart = Answer<Endpoints['createFile']>['multiParts'][number]

/** The upload as the blob store knows it. */
export function stagedOf(row: Pick<UploadRow, 'blob_key' | 'blob_ref' | 'length'>): StagedUpload {
  return { key: row.blob_key, ref: row.blob_ref, size: row.length }
}

/** Begins an upload in the blob store, unless that was done, and signs the addresses of its parts. */
export async function beginAndSign(ctx: Context, upload: UploadRow): Promise<SignedPart[]> {
  const isBegun = upload.blob_ref !== ''
  const blob_ref = isBegun ? upload.blob_ref : await begin(ctx, upload)
  const begun = { ...upload, blob_ref }
  const landed = isBegun ? await ctx.blobs.landedParts(stagedOf(begun)) : undefined
  return signParts(ctx, begun, await selectParts.all(ctx.db, { upload_id: upload.id }), landed)
}

/** The store's handle of the upload: that of the first call to have noted one, so that all calls sign for the same. */
async function begin(ctx: Context, upload: UploadRow): Promise<string> {
  const { ref } = await ctx.blobs.beginUpload(upload.blob_key, upload.length)
  if (ref === '' || (await setUploadRef.run(ctx.db, { id: upload.id, blob_ref: ref })) > 0) return ref
  return (await findUpload.first(ctx.db, { id: upload.id }))?.blob_ref ?? ref
}

async function signParts(
  ctx: Context,
  upload: UploadRow,
  parts: PartRow[],
  landed: Map<number, number> | undefined,
): Promise<SignedPart[]> {
  return Promise.all(
    parts.map(async (part) => ({
      partNumber: part.number,
      partSize: part.size,
      partOffset: part.start,
      uploadUrl: await addressOf(ctx, upload, part),
      partId: `${upload.blob_key}.${part.number}`,
      received: isReceived(part, landed),
    })),
  )
}

/** The store knows better than we what it was sent past us. */
function isReceived(part: PartRow, landed: Map<number, number> | undefined): boolean {
  return landed === undefined || part.size === 0 ? part.received_at !== null : landed.get(part.number) === part.size
}

/** The parts with bytes that have not arrived. */
export async function findMissing(ctx: Context, upload: UploadRow, parts: PartRow[]): Promise<PartRow[]> {
  const landed = await ctx.blobs.landedParts(stagedOf(upload))
  return parts.filter((part) => part.size > 0 && !isReceived(part, landed))
}

/** The store's own address, or ours for bytes that have to pass this process. Stores take no part without bytes. */
async function addressOf(ctx: Context, upload: UploadRow, { number, start: offset, size }: PartRow): Promise<string> {
  const signed = size > 0 ? await ctx.blobs.signPart(stagedOf(upload), { number, offset, size }, linkLife) : undefined
  if (signed !== undefined) return signed
  return `${ctx.config.publicUrl}/bytes/upload/${writeByteToken(ctx, { kind: 'put', uploadId: upload.id, part: number })}`
}

/** The caller's own running upload. UPLOAD_NOT_FOUND alike for none and for somebody else's. */
export async function requireUpload(ctx: Context, fileId: string): Promise<UploadRow> {
  const upload = await findUpload.first(ctx.db, { id: fileId })
  const isAlive = upload !== undefined && Date.parse(upload.expires_at) > ctx.now().getTime()
  if (!isAlive || upload.created_by !== requireUser(ctx).userId)
    throw new DriveError('UPLOAD_NOT_FOUND', { field: 'fileId' })
  await requireSpace(ctx, upload.space_id, 'canEdit', 'fileId')
  return upload
}

/** Addresses for parts not declared before, or new ones for parts that were (files.md 2). */
export async function getUploadUrls(
  ctx: Context,
  input: Input<Endpoints['getUploadUrls']>,
): Promise<Answer<Endpoints['getUploadUrls']>> {
  const upload = await requireUpload(ctx, input.fileId)
  const known = await selectParts.all(ctx.db, { upload_id: upload.id })
  const placed = placeParts(input.multiParts, known, upload.length)
  const byNumber = new Map(known.map((part) => [part.number, part]))
  const isSame = (part: { number: number; start: number; size: number }) => {
    const before = byNumber.get(part.number)
    return before?.start === part.start && before.size === part.size
  }
  const changed = placed.filter((part) => !isSame(part))
  if (changed.length > 0) {
    await runRetrying(ctx.db, async (tx) => {
      for (const part of changed) {
        const count = await putPart.run(tx, { ...part, upload_id: upload.id, received_at: null })
        if (count === 0)
          throw invalidField('multiParts', 'NOT_ALLOWED', `part ${part.number} was sent with another size`)
      }
    })
  }
  const rows = placed.map((part) => ({
    ...part,
    upload_id: upload.id,
    received_at: byNumber.get(part.number)?.received_at ?? null,
  }))
  return { multiParts: await signParts(ctx, upload, rows, await ctx.blobs.landedParts(stagedOf(upload))) }
}
