import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import {
  choice,
  fields,
  flag,
  id,
  integer,
  list,
  moment,
  nextCursor,
  object,
  optional,
  ose,
  out,
  outInteger,
  pageCursor,
  pageSize,
} from './fields.ts'
import { file } from './objects.ts'

export const fileName = Type.String({
  description: 'Name, 1 to 250 characters, none of < > | : " * ? / \\ or control characters, not . or ..',
  minLength: 1,
  maxLength: 250,
})
export const fileType = Type.String({
  description: 'Kind of file, 15 to 45; 10 for folders',
  pattern: '^\\d{1,3}$',
  maxLength: 3,
})
export const parentFolder = Type.Array(id('Folder id, or root'), {
  description: 'Parent folder; the first entry counts',
  maxItems: 10,
})
export const containerId = id('Space id')
const mimeType = Type.String({
  description: 'Content type',
  maxLength: 200,
  pattern: '^[0-9A-Za-z!#$&^_.+-]+/[0-9A-Za-z!#$&^_.+-]+(;.*)?$',
})
const description = Type.String({ description: 'Description', maxLength: 512 })
const renameMode = choice('On a name clash: 2 append a timestamp, 3 fail', [2, 3], { default: 2 })

/** files.md 4. */
export const createFolder = endpoint({
  name: 'createFolder',
  method: 'POST',
  path: `${ose}/directory`,
  tag: 'Files',
  summary: 'Create a folder',
  caller: 'user',
  body: fields({
    fileName,
    fileType: Type.String({ description: 'Always 10', enum: ['10'], maxLength: 3 }),
    containerId,
    parentFolder: optional(parentFolder),
    renameMode: optional(renameMode),
    createdTime: optional(moment('Creation time')),
    editedTime: optional(moment('Modification time')),
    description: optional(description),
    mimeType: optional(mimeType),
    hidden: optional(flag('Accepted')),
  }),
  answer: file,
  errors: [
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
    'TARGET_FOLDER_INVALID',
    'TARGET_IN_BIN',
    'DUPLICATE_NAME',
    'TOO_DEEP',
  ],
  example: {
    request: {
      fileName: 'Reports',
      fileType: '10',
      containerId: 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4',
      parentFolder: ['root'],
    },
    answer: { id: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr', fileName: 'Reports', fileType: '10' },
  },
})

const multiPart = object('A part', {
  partNumber: integer('Number', 1, 10_000),
  partSize: integer('Bytes: 5 MiB to 5 GiB, the last part 0 to 5 GiB', 0, 5_368_709_120),
  partOffset: optional(integer('Bytes before this part', 0, 214_748_364_800)),
  hashCtx: optional(list('Ignored: the server hashes by itself', Type.Integer(), 8)),
})
const signedPart = object('A part', {
  partNumber: outInteger('Number'),
  partSize: outInteger('Bytes'),
  partOffset: outInteger('Bytes before this part'),
  uploadUrl: out('Address that takes the bytes by PUT, for 3600 s'),
  partId: out('Part id'),
  received: flag('Extension: true when these bytes are here already, so that an upload resumes'),
})
const sha256 = Type.String({
  description: 'SHA-256 of the content, 64 hex digits',
  pattern: '^[0-9A-Fa-f]{64}$',
  maxLength: 64,
})

/** files.md 2. */
export const createFile = endpoint({
  name: 'createFile',
  method: 'POST',
  path: `${ose}/files/create`,
  tag: 'Transfer',
  summary: 'Start an upload',
  description:
    'With sha256, preHash and a valid proofCode, content the enterprise has already needs no upload (decision F4).',
  caller: 'user',
  body: fields({
    fileName,
    fileType,
    parentFolder,
    containerId,
    length: integer('Bytes', 0, 214_748_364_800),
    uploadMode: optional(
      Type.String({ description: 'multipart, or put for one part', enum: ['multipart', 'put'], maxLength: 9 }),
    ),
    uploadType: optional(choice('0 ordinary, 1 multipart', [0, 1])),
    autoRename: choice('On a clash: 2 append a timestamp, 3 fail, 4 keep an equal file, else as 2', [2, 3, 4]),
    multiParts: optional(list('Parts', multiPart, 10_000)),
    sha256: optional(sha256),
    preHash: optional(sha256),
    proofCode: optional(
      Type.String({ description: 'Proof of possession', pattern: '^[0-9A-Za-z_=-]+$', maxLength: 100 }),
    ),
    createdTime: optional(moment('Creation time')),
    editedTime: optional(moment('Extension: modification time')),
    description: optional(description),
    mimeType: optional(mimeType),
  }),
  answer: fields({
    fileId: out('File id'),
    rapidUpload: flag('True: the content is known, nothing to send'),
    containerId: out('Space id'),
    fileName: out('Final name'),
    uploadId: out('Upload id'),
    parentFolder: list('Parent folder', Type.String()),
    exist: flag('autoRename 4: the file is there already'),
    multiParts: list('Parts', signedPart, 10_000),
  }),
  errors: [
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
    'TARGET_FOLDER_INVALID',
    'PARENT_IN_BIN',
    'DUPLICATE_NAME',
    'INSUFFICIENT_SPACE',
    'TOO_DEEP',
    'IDEMPOTENCY_CONFLICT',
    'IN_PROGRESS',
  ],
  example: {
    request: {
      fileName: 'a.zip',
      fileType: '35',
      parentFolder: ['root'],
      containerId: 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4',
      length: 22106481,
      uploadMode: 'multipart',
      uploadType: 1,
      autoRename: 2,
      multiParts: [{ partNumber: 1, partSize: 22106481 }],
    },
    answer: { fileId: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr', rapidUpload: false, fileName: 'a.zip' },
  },
})

/** files.md 2. */
export const getUploadUrls = endpoint({
  name: 'getUploadUrls',
  method: 'POST',
  path: `${ose}/files/multipart/uploadUrl`,
  tag: 'Transfer',
  summary: 'Addresses for further parts, or new ones for old parts',
  caller: 'user',
  body: fields({ fileId: id('File id'), multiParts: list('Parts', multiPart, 10_000, 1) }),
  answer: fields({ multiParts: list('Parts', signedPart, 10_000) }),
  errors: ['UPLOAD_NOT_FOUND', 'SPACE_NOT_ACCESSIBLE', 'SPACE_NOT_ACTIVE'],
})

/** files.md 2. */
export const completeFile = endpoint({
  name: 'completeFile',
  method: 'POST',
  path: `${ose}/files/complete`,
  tag: 'Transfer',
  summary: 'Finish an upload',
  description: 'May be repeated: a finished upload answers success again.',
  caller: 'user',
  body: fields({ fileId: id('File id'), sha256: optional(sha256) }),
  answer: fields({ fileId: out('Extension: file id'), fileName: out('Extension: final name') }),
  errors: [
    'UPLOAD_NOT_FOUND',
    'UPLOAD_INCOMPLETE',
    'PARENT_IN_BIN',
    'TARGET_FOLDER_INVALID',
    'DUPLICATE_NAME',
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
  ],
  example: {
    request: { fileId: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr' },
    answer: { fileId: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr', fileName: 'a.zip' },
  },
})

/** files.md 3. */
export const downloadFiles = endpoint({
  name: 'downloadFiles',
  method: 'POST',
  path: `${ose}/files/download`,
  tag: 'Transfer',
  summary: 'Download addresses of files',
  caller: 'user',
  isRead: true,
  body: fields({
    containerId,
    fileIds: Type.Array(id('File id'), { description: 'Files', minItems: 1, maxItems: 100, uniqueItems: true }),
  }),
  answer: fields({
    batchCode: outInteger('0 partly, 1 all succeeded, 2 all failed'),
    downloads: list(
      'One per file',
      object('A download', {
        fileId: out('File id'),
        fileName: out('Name'),
        url: out('Address, good for 3600 s; empty on failure'),
        code: out('0 or an error code'),
        msg: out('OK or the reason'),
      }),
    ),
  }),
  errors: ['SPACE_NOT_ACCESSIBLE', 'SPACE_NOT_ACTIVE'],
})

const sortInfo = object('Order', {
  sortType: optional(
    choice('1 name, 2 size, 3 created, 4 modified, 5 recycle time (bin), 6 format', [1, 2, 3, 4, 5, 6]),
  ),
  sortDirection: optional(choice('1 ascending, 2 descending', [1, 2])),
})

/** files.md 5. */
export const listFiles = endpoint({
  name: 'listFiles',
  method: 'POST',
  path: `${ose}/files/{type}`,
  tag: 'Files',
  summary: 'List a folder of a personal space, or its bin',
  caller: 'user',
  isRead: true,
  params: fields({ type: choice('0 space, 1 bin', [0, 1]) }),
  body: fields({
    containerId,
    parentFileId: id('root or a folder id'),
    pageInfo: optional(object('Page', { pageSize: pageSize, pageCursor: optional(pageCursor) })),
    sortInfo: optional(sortInfo),
    fileType: optional(fileType),
    fileName: optional(Type.String({ description: 'Extension: part of the name', maxLength: 250 })),
    foldersFirst: optional(flag('Extension: folders before files')),
    imageProcess: optional(Type.String({ description: 'Accepted', maxLength: 300 })),
    hidden: optional(flag('Accepted')),
  }),
  answer: fields({
    category: out('drive#fileList'),
    nextCursor,
    searchCompleted: flag('True on the last page'),
    files: list('Entries', file, 100),
  }),
  errors: [
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
    'FILE_NOT_IN_SPACE',
    'TARGET_FOLDER_INVALID',
    'CURSOR_INVALID',
    'NOT_IN_BIN',
    'SOURCE_IN_BIN',
  ],
})

/** files.md 4. */
export const getFile = endpoint({
  name: 'getFile',
  method: 'POST',
  path: `${ose}/files/{fileId}/detail`,
  tag: 'Files',
  summary: 'Details of a file or folder',
  caller: 'user',
  isRead: true,
  params: fields({ fileId: id('File id') }),
  body: fields({ containerId, imageProcess: optional(Type.String({ description: 'Accepted', maxLength: 300 })) }),
  answer: file,
  errors: ['SPACE_NOT_ACCESSIBLE', 'SPACE_NOT_ACTIVE', 'FILE_NOT_IN_SPACE'],
})

/** files.md 4. */
export const renameFile = endpoint({
  name: 'renameFile',
  method: 'POST',
  path: `${ose}/files/rename/{fileId}`,
  tag: 'Files',
  summary: 'Rename a file or folder',
  caller: 'user',
  params: fields({ fileId: id('File id') }),
  body: fields({
    containerId,
    name: fileName,
    renameMode: choice('On a name clash: 2 append a timestamp, 3 fail', [2, 3]),
  }),
  answer: fields({ fileName: out('Extension: final name') }),
  errors: [
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
    'FILE_NOT_IN_SPACE',
    'SOURCE_IN_BIN',
    'DUPLICATE_NAME',
    'NOT_PERMITTED',
  ],
})

/** files.md 4. */
export const getFilePath = endpoint({
  name: 'getFilePath',
  method: 'GET',
  path: `${ose}/files/path`,
  tag: 'Files',
  summary: 'Full path of a file or folder',
  caller: 'user',
  isRead: true,
  query: fields({ fileId: id('File id'), containerId }),
  answer: fields({ fileIdPath: out('Path of ids, the root first'), namePath: out('Path of names, the root first') }),
  errors: ['SPACE_NOT_ACCESSIBLE', 'SPACE_NOT_ACTIVE', 'FILE_NOT_IN_SPACE'],
})

/** files.md 5. */
export const emptyBin = endpoint({
  name: 'emptyBin',
  method: 'POST',
  path: `${ose}/files/recycle`,
  tag: 'Files',
  summary: 'Empty a recycle bin, in the background',
  caller: 'user',
  body: fields({ containerId: optional(containerId), container: optional(containerId) }),
  answer: fields({}),
  errors: ['SPACE_NOT_ACCESSIBLE', 'SPACE_NOT_ACTIVE', 'IDEMPOTENCY_CONFLICT', 'IN_PROGRESS'],
})

export const fileEndpoints = {
  createFolder,
  createFile,
  getUploadUrls,
  completeFile,
  downloadFiles,
  getFile,
  renameFile,
  getFilePath,
  emptyBin,
  listFiles,
}
