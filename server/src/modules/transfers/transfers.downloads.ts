import { errorKinds, type Answer, type Endpoints, type Input } from '@driveway/contract'
import { writeByteToken } from '../../byte-tokens.ts'
import { type Context, requireUser } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { capabilitiesOf, findSpace, requireSpace } from '../access/access.service.ts'
import { findFileContent, findNode, locateAll, locateNode, type NodeRow } from '../files/files.nodes.ts'

/** A file's content, ready to be sent. */
export interface Content {
  nodeId: string
  name: string
  mimeType: string
  size: number
  blobKey: string
  sha256: string
  editedAt: string
  /** An address that serves it: the store's own, or ours with the token. */
  address(token: string): Promise<string>
}

/** The content of a file, whoever asks; undefined for folders and unknown ids. */
export async function findContentOf(ctx: Context, nodeId: string): Promise<Content | undefined> {
  const file = await findFileContent(ctx.db, nodeId)
  return file && contentOf(ctx, { ...file, blob_key: file.key })
}

type Sendable = Pick<NodeRow, 'id' | 'name' | 'mime_type' | 'size' | 'blob_key' | 'edited_at'> & {
  sha256: string | null
}

function contentOf(ctx: Context, node: Sendable): Content | undefined {
  const key = node.blob_key
  if (key === null) return undefined
  return {
    nodeId: node.id,
    name: node.name,
    mimeType: node.mime_type,
    size: node.size,
    blobKey: key,
    sha256: node.sha256 ?? '',
    editedAt: node.edited_at,
    address: async (token) =>
      (await ctx.blobs.signRead(key, { fileName: node.name, mimeType: node.mime_type, isInline: false }, 3600)) ??
      `${ctx.config.publicUrl}/bytes/download/${token}/${encodeURIComponent(node.name)}`,
  }
}

/** Addresses for up to 100 files (files.md 3); each answers for itself. */
export async function downloadFiles(
  ctx: Context,
  input: Input<Endpoints['downloadFiles']>,
): Promise<Answer<Endpoints['downloadFiles']>> {
  const space = await requireSpace(ctx, input.containerId, 'canDownload')
  const { userId } = requireUser(ctx)
  const located = await locateAll(ctx.db, space, input.fileIds)
  const downloads = await Promise.all(
    located.map(async (node, index) => {
      const fileId = input.fileIds[index] ?? ''
      const problem =
        node === undefined
          ? 'FILE_NOT_IN_SPACE'
          : node.isRecycled
            ? 'SOURCE_IN_BIN'
            : node.row.blob_key === null
              ? 'NOT_FOR_FOLDERS'
              : undefined
      const content = node && !problem ? contentOf(ctx, node.row) : undefined
      if (!content)
        return {
          fileId,
          fileName: node?.row.name ?? '',
          url: '',
          code: String(errorKinds[problem ?? 'NOT_FOUND'].code),
          msg: errorKinds[problem ?? 'NOT_FOUND'].en,
        }
      const url = await content.address(writeByteToken(ctx, { kind: 'own', nodeId: fileId, userId }))
      return { fileId, fileName: content.name, url, code: '0', msg: 'OK' }
    }),
  )
  const good = downloads.filter((one) => one.code === '0').length
  return { batchCode: good === downloads.length ? 1 : good === 0 ? 2 : 0, downloads }
}

/** The content behind an address made for its owner, if the owner still may have it. DOWNLOAD_LINK_DEAD otherwise. */
export async function openOwnDownload(ctx: Context, grant: { nodeId: string; userId: string }): Promise<Content> {
  const node = await findNode(ctx.db, grant.nodeId)
  const space = node && (await findSpace(ctx.db, node.space_id))
  const isActive = space?.owner_id === grant.userId && space.owner_status === 0
  if (!node || !space || !capabilitiesOf({ id: grant.userId, isActive }, space).canDownload)
    throw new DriveError('DOWNLOAD_LINK_DEAD')
  const place = await locateNode(ctx.db, { id: space.id, rootId: space.root_id }, node.id, 'fileId')
  const content = contentOf(ctx, node)
  if (place.isRecycled || !content) throw new DriveError('DOWNLOAD_LINK_DEAD')
  return content
}
