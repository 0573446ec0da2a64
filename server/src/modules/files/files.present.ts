import type { Answer, Endpoints } from '@driveway/contract'
import type { Context } from '../../context.ts'
import { fullSuffixOf } from '../../names.ts'
import type { ListedNode } from './files.pages.ts'

type File = Answer<Endpoints['getFile']>

const ownCapabilities = {
  addChildNodePermission: true,
  copyPermission: true,
  deletePermission: true,
  downloadPermission: true,
  editPermission: true,
  renameFilePermission: true,
  shareFilePermission: true,
}

/** A node as the vendor's file object (files.md 1), for a caller who has every right on its space. */
export function presentFile(ctx: Context, node: ListedNode): File {
  const isFolder = node.is_folder === 1
  const properties: Record<string, string> = { createUser: node.created_by, lastEditUser: node.edited_by }
  if (node.source_id !== null) properties.srcFileId = node.source_id
  return {
    category: 'drive#file',
    id: node.id,
    fileName: node.name,
    fileType: node.file_type,
    mimeType: node.mime_type,
    favorite: false,
    recycled: node.recycled_at !== null,
    ...(node.recycled_at === null ? {} : { recycledTime: node.recycled_at }),
    parentFolder: node.parent_id === null ? [] : [node.parent_id],
    properties,
    containers: [node.space_id],
    createdTime: node.created_at,
    editedTime: node.edited_at,
    owners: [presentPerson(ctx, node.created_by, node.creator_name)],
    lastEditor: presentPerson(ctx, node.edited_by, node.editor_name),
    fullFileSuffix: isFolder ? '' : fullSuffixOf(node.name),
    fileSuffix: node.suffix,
    ...(isFolder ? {} : { size: node.size }),
    ...(node.sha256 === null ? {} : { sha256: node.sha256 }),
    ...(node.description === '' ? {} : { description: node.description }),
    userCapabilities: ownCapabilities,
  }
}

function presentPerson(ctx: Context, id: string, name: string | null) {
  return {
    category: 'drive#user',
    me: ctx.actor.kind === 'user' && ctx.actor.userId === id,
    permissionId: id,
    // the vendor's form of this field: base64url of two numbers
    userId: Buffer.from(`${id}-00000000000000000`).toString('base64url'),
    displayName: name ?? '',
  }
}
