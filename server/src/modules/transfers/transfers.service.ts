import type { Answer, Endpoints, Input } from '@driveway/contract'
import { BlobIncompleteError, BlobMismatchError, type BlobFacts } from '../../blobs/blob-store.ts'
import { type Context, requireUser, timestamp } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { newNodeId, randomHex } from '../../ids.ts'
import { mimeTypeOf, requireName } from '../../names.ts'
import { runRetrying, settle } from '../../db/retry.ts'
import type { Db } from '../../db/schema.ts'
import { type OpenSpace, requireSpace } from '../access/access.service.ts'
import { once } from '../access/idempotency.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { adoptContent, doomContent, findContent, referContent } from '../files/files.contents.ts'
import { addNode, findChild, findNode, locateTarget, type NewNode, type NodeRow } from '../files/files.nodes.ts'
import { findFreeName } from '../files/files.service.ts'
import { releaseBytes, reserveBytes } from '../spaces/spaces.service.ts'
import { beginAndSign, findMissing, requireUpload, stagedOf } from './transfers.links.ts'
import { coversAll, type DeclaredPart, placeParts } from './transfers.parts.ts'
import { isProven } from './transfers.proof.ts'
import {
  deleteParts,
  deleteUpload,
  findUpload,
  insertUpload,
  type PartRow,
  putPart,
  selectParts,
  type UploadRow,
} from './transfers.queries.ts'

/** Milliseconds an upload may take (decision F3). */
export const uploadLife = 24 * 3600_000

type CreateFile = Answer<Endpoints['createFile']>

/** What a call of `createFile` came to; an upload is looked up again for its links. */
type Started =
  | { kind: 'done' | 'known'; fileId: string; fileName: string }
  | { kind: 'upload'; fileId: string; fileName: string }

/**
 * Starts an upload, or finishes it at once when the content is known and proven (files.md 2, decision F4). With an
 * `Idempotency-Key` a repeated call gives the same upload with fresh links.
 */
export async function createFile(ctx: Context, input: Input<Endpoints['createFile']>): Promise<CreateFile> {
  const space = await requireSpace(ctx, input.containerId, 'canEdit')
  const wanted = requireName(input.fileName, 'fileName')
  const parentId = await requireParent(ctx.db, space, input.parentFolder[0])
  const started = await startUpload(ctx, input, { space, parentId, name: wanted })
  const upload = started.kind === 'upload' ? await findUpload.first(ctx.db, { id: started.fileId }) : undefined
  return {
    fileId: started.fileId,
    fileName: started.fileName,
    containerId: space.id,
    parentFolder: [parentId],
    uploadId: upload?.blob_key ?? '',
    multiParts: upload ? await beginAndSign(ctx, upload) : [],
    rapidUpload: started.kind === 'known',
    exist: started.kind === 'done',
  }
}

async function startUpload(ctx: Context, input: Input<Endpoints['createFile']>, place: Place): Promise<Started> {
  const proven = await findProven(ctx, input)
  return once(ctx, 'createFile', input, async (tx): Promise<Started> => {
    const clash = await findChild(tx, place.parentId, place.name)
    if (clash && input.autoRename === 3) {
      throw new DriveError('DUPLICATE_NAME', { field: 'fileName', data: { conflictFileId: clash.id } })
    }
    if (clash && input.autoRename === 4 && clash.sha256 !== null && clash.sha256 === input.sha256?.toLowerCase()) {
      return { kind: 'done', fileId: clash.id, fileName: clash.name }
    }
    await reserveBytes(tx, place.space.id, input.length)
    const known = proven && (await addKnown(tx, ctx, input, place))
    if (known) return { kind: 'known', fileId: known.id, fileName: known.name }
    const name = clash ? await findFreeName(tx, ctx, place.parentId, place.name) : place.name
    const id = await addUpload(tx, ctx, input, { ...place, name })
    return { kind: 'upload', fileId: id, fileName: name }
  })
}

/** The folder an upload goes to. In uploads a folder in the bin has a code of its own. */
async function requireParent(db: Context['db'], space: OpenSpace, id: string | undefined): Promise<string> {
  try {
    return (await locateTarget(db, space, id, 'parentFolder[0]')).node.id
  } catch (error) {
    if (error instanceof DriveError && error.reason === 'TARGET_IN_BIN')
      throw new DriveError('PARENT_IN_BIN', { field: 'parentFolder[0]' })
    throw error
  }
}

interface Place {
  space: OpenSpace
  parentId: string
  name: string
}

function newNodeOf(ctx: Context, input: Input<Endpoints['createFile']>, place: Place): NewNode {
  const now = timestamp(ctx)
  return {
    spaceId: place.space.id,
    parentId: place.parentId,
    name: place.name,
    isFolder: false,
    fileType: input.fileType,
    mimeType: input.mimeType || mimeTypeOf(place.name),
    size: input.length,
    description: input.description ?? '',
    createdAt: input.createdTime ?? now,
    createdBy: requireUser(ctx).userId,
    editedAt: input.editedTime ?? input.createdTime ?? now,
  }
}

/** Whether the enterprise has this content and the caller has shown that he has it too. */
async function findProven(ctx: Context, input: Input<Endpoints['createFile']>): Promise<boolean> {
  const { sha256, preHash, proofCode } = input
  const token = requireUser(ctx).accessToken
  if (!sha256 || !preHash || !proofCode || !token) return false
  const content = await findContent(ctx.db, sha256)
  return content?.size === input.length && isProven(ctx.blobs, content, { token, preHash, proofCode })
}

/** Makes the file from known content; undefined when the content has gone meanwhile. */
async function addKnown(
  tx: Db,
  ctx: Context,
  input: Input<Endpoints['createFile']>,
  place: Place,
): Promise<NodeRow | undefined> {
  const known = await referContent(tx, input.sha256 ?? '')
  if (!known) return undefined
  const node = await addNode(
    tx,
    ctx,
    { ...newNodeOf(ctx, input, place), blobKey: known.key },
    input.autoRename === 3 ? 'fail' : 'rename',
  )
  const detail = { name: node.name, size: node.size, isRapid: true }
  await recordAudit(tx, ctx, { action: 'file.upload', subjectId: node.id, detail })
  return node
}

async function addUpload(tx: Db, ctx: Context, input: Input<Endpoints['createFile']>, place: Place): Promise<string> {
  const node = newNodeOf(ctx, input, place)
  const row: UploadRow = {
    id: newNodeId(),
    space_id: place.space.id,
    parent_id: place.parentId,
    name: place.name,
    clash_mode: input.autoRename,
    file_type: input.fileType,
    mime_type: node.mimeType ?? '',
    description: input.description ?? '',
    length: input.length,
    sha256: input.sha256?.toLowerCase() ?? null,
    blob_key: randomHex(16),
    blob_ref: '',
    created_by: node.createdBy,
    created_at: node.createdAt,
    edited_at: node.editedAt,
    expires_at: new Date(ctx.now().getTime() + uploadLife).toISOString(),
  }
  await insertUpload.run(tx, row)
  for (const part of placeParts(declaredParts(input), [], input.length)) {
    await putPart.run(tx, { ...part, upload_id: row.id, received_at: null })
  }
  return row.id
}

const largestPart = 5 * 1024 ** 3

/** The parts a client names; one for the whole when it names none and one can hold it. */
function declaredParts(input: Input<Endpoints['createFile']>): DeclaredPart[] {
  if (input.multiParts && input.multiParts.length > 0) return input.multiParts
  return input.length > 0 && input.length <= largestPart ? [{ partNumber: 1, partSize: input.length }] : []
}

/** Finishes an upload (files.md 2, decision F2). Repeating it after success is success again. */
export async function completeFile(
  ctx: Context,
  input: Input<Endpoints['completeFile']>,
): Promise<Answer<Endpoints['completeFile']>> {
  const done = await findFinished(ctx, input.fileId)
  if (done) return done
  try {
    return await finish(ctx, input)
  } catch (error) {
    // whoever finished the same upload meanwhile took its parts away
    const meanwhile = await findFinished(ctx, input.fileId)
    if (!meanwhile) throw error
    return meanwhile
  }
}

async function finish(ctx: Context, input: Input<Endpoints['completeFile']>): Promise<Finished> {
  const upload = await requireUpload(ctx, input.fileId)
  const space = await requireSpace(ctx, upload.space_id, 'canEdit', 'fileId')
  await requireParent(ctx.db, space, upload.parent_id)
  const facts = await finishBytes(ctx, upload, input.sha256)
  return (await attach(ctx, upload, facts, space)) ?? missingUpload()
}

function missingUpload(): never {
  throw new DriveError('UPLOAD_NOT_FOUND', { field: 'fileId' })
}

type Finished = Answer<Endpoints['completeFile']>

/** The file an upload of the caller's has become, on disk for good; undefined while it has not. */
async function findFinished(ctx: Context, fileId: string): Promise<Finished | undefined> {
  const node = await findNode(ctx.db, fileId)
  if (!node || node.is_folder === 1 || node.created_by !== requireUser(ctx).userId) return undefined
  // the call that made it may still wait for its sync
  await settle(ctx.db)
  return { fileId: node.id, fileName: node.name }
}

async function finishBytes(ctx: Context, upload: UploadRow, sha256: string | undefined): Promise<BlobFacts> {
  const parts = await selectParts.all(ctx.db, { upload_id: upload.id })
  const claimed = sha256?.toLowerCase() ?? upload.sha256 ?? undefined
  if (claimed !== undefined && upload.sha256 !== null && claimed !== upload.sha256)
    throw new DriveError('UPLOAD_INCOMPLETE', { field: 'sha256' })
  const missing = ctx.blobs.kind === 'disk' ? parts.filter((part) => part.received_at === null && part.size > 0) : []
  if (!coversAll(parts, upload.length) || missing.length > 0) throw incomplete(missing)
  const filled = parts
    .filter((part) => part.size > 0)
    .map((part) => ({ number: part.number, offset: part.start, size: part.size }))
  try {
    return await ctx.blobs.finishUpload(stagedOf(upload), filled, claimed)
  } catch (error) {
    if (error instanceof BlobMismatchError) {
      await dropUpload(ctx, upload)
      throw new DriveError('UPLOAD_INCOMPLETE', { field: 'sha256' })
    }
    throw error instanceof BlobIncompleteError ? incomplete(await findMissing(ctx, upload, parts)) : error
  }
}

function incomplete(missing: PartRow[]): DriveError {
  const data = { missingParts: missing.slice(0, 100).map((part) => part.number) }
  return new DriveError('UPLOAD_INCOMPLETE', { field: 'fileId', data })
}

/** Makes the finished bytes a file, once; undefined when another call has just done so. */
async function attach(ctx: Context, upload: UploadRow, facts: BlobFacts, space: OpenSpace) {
  return runRetrying(ctx.db, async (tx) => {
    if ((await deleteUpload.run(tx, { id: upload.id })) === 0) return undefined
    await deleteParts.run(tx, { upload_id: upload.id })
    const parentId = await requireParent(tx, space, upload.parent_id)
    const blobKey = await adoptContent(tx, upload.blob_key, facts, timestamp(ctx))
    const node = await addNode(
      tx,
      ctx,
      {
        id: upload.id,
        spaceId: upload.space_id,
        parentId,
        name: upload.name,
        isFolder: false,
        fileType: upload.file_type,
        mimeType: upload.mime_type,
        size: facts.size,
        blobKey,
        description: upload.description,
        createdAt: upload.created_at,
        createdBy: upload.created_by,
        editedAt: upload.edited_at,
      },
      upload.clash_mode === 3 ? 'fail' : 'rename',
    )
    await recordAudit(tx, ctx, {
      action: 'file.upload',
      subjectId: node.id,
      detail: { name: node.name, size: node.size },
    })
    return { fileId: node.id, fileName: node.name }
  })
}

/** Ends an upload without a file: its quota is free at once, its bytes are removed by the sweep. */
export async function dropUpload(ctx: Pick<Context, 'db' | 'now'>, upload: UploadRow): Promise<void> {
  await runRetrying(ctx.db, async (tx) => {
    if ((await deleteUpload.run(tx, { id: upload.id })) === 0) return
    await deleteParts.run(tx, { upload_id: upload.id })
    await releaseBytes(tx, upload.space_id, upload.length)
    await doomContent(tx, stagedOf(upload), ctx.now().toISOString())
  })
}
