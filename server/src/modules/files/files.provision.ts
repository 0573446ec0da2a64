import type { Db } from '../../db/schema.ts'
import { newSpaceId, rootIdOf } from '../../ids.ts'
import { folderMimeType } from '../../names.ts'
import { addSpace } from '../spaces/spaces.service.ts'
import { insertNode } from './files.queries.ts'

/** Makes a personal space with its root folder, in the caller's transaction; answers its id. */
export async function createPersonalSpace(
  db: Db,
  input: { ownerId: string; capacityBytes: number; at: string; by: string },
): Promise<string> {
  const { ownerId, capacityBytes, at, by } = input
  const id = newSpaceId()
  await addSpace(db, {
    id,
    kind: 1,
    owner_id: ownerId,
    root_id: rootIdOf(id),
    status: 0,
    capacity: capacityBytes,
    used: 0,
    created_at: at,
    created_by: by,
    updated_at: at,
    updated_by: by,
  })
  await insertNode.run(db, {
    ...rootFolder,
    id: rootIdOf(id),
    space_id: id,
    name: `root${id}`,
    created_at: at,
    edited_at: at,
    created_by: by,
    edited_by: by,
  })
  return id
}

const rootFolder = {
  parent_id: null,
  name_fold: '',
  name_key: '',
  is_folder: 1,
  file_type: '10',
  mime_type: folderMimeType,
  suffix: '',
  size: 0,
  blob_key: null,
  description: '',
  recycled_at: null,
  recycled_by: null,
  recycled_parent_name: null,
  source_id: null,
  children_version: 0,
}
