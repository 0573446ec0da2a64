import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import {
  choice,
  fields,
  flag,
  id,
  ids,
  integer,
  list,
  moment,
  nextCursor,
  object,
  optional,
  ose,
  out,
  pageCursor,
  pageSize,
  text,
} from './fields.ts'
import { commonShareLink, shareFile, sharePermission } from './objects.ts'

const extractCode = Type.String({
  description: 'Access code: 4 to 32 letters and digits',
  pattern: '^[0-9A-Za-z]{4,32}$',
  minLength: 4,
  maxLength: 32,
})
const shortUrl = Type.String({ description: 'Sharing short code', minLength: 1, maxLength: 100 })
const kdstoken = optional(
  Type.String({ description: 'Temporary token for sharing; empty counts as absent', maxLength: 200 }),
)
const stateErrors = [
  'SHARE_NOT_FOUND',
  'SHARE_CANCELLED',
  'SHARE_EXPIRED',
  'SHARE_INVALID',
  'SHARE_FILES_DELETED',
  'SIGN_IN_REQUIRED',
  'NOT_A_RECEIVER',
  'EXTERNAL_SHARING_OFF',
] as const

/** Founding page *Sharing a File*, edition 2024-07, with the later fields on top (sharing.md 2). */
export const createShare = endpoint({
  name: 'createShare',
  method: 'POST',
  path: `${ose}/share`,
  tag: 'Sharing',
  summary: 'Share files and folders',
  description:
    'The link works at once. `data.taskId` is the job that delivers the share to its receivers and can be read like any job. With an `Idempotency-Key` header a repeated call gives the same answer for 24 hours.',
  caller: 'user',
  body: fields({
    scope: choice('1 everybody with the link, 2 people of the enterprise, 3 named receivers', [1, 2, 3]),
    deptIds: optional(ids('Departments, with everything below them', 50)),
    groupIds: optional(ids('User groups', 50)),
    userIds: optional(ids('People', 500)),
    phoneNumbers: optional(
      Type.Array(text('Mobile number', 25), {
        description: 'Mobile numbers of people of the enterprise',
        maxItems: 500,
        uniqueItems: true,
      }),
    ),
    fileIds: ids('Files and folders', 100, 1),
    containerId: id('Space that holds them'),
    permission: optional(sharePermission),
    extractCode: optional(extractCode),
    expireTime: optional(moment('End of the link; wins over validDays')),
    comment: optional(Type.String({ description: 'Message', maxLength: 511 })),
    validDays: integer('Days the link lives', 1, 365),
    expiredType: optional(Type.String({ description: 'Accepted', maxLength: 20 })),
  }),
  answer: fields({
    shareLink: object('The link', {
      shareId: out('Share id'),
      shortUrl: out('Sharing short code'),
      linkUrl: out('Address of the link'),
      extractCode: optional(out('Access code')),
      comment: out('Message'),
      createTime: out('ISO 8601 UTC'),
      expireTime: out('ISO 8601 UTC'),
    }),
    data: object('The delivery', { taskId: out('Job id') }),
  }),
  errors: [
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
    'FILE_NOT_IN_SPACE',
    'SOURCE_IN_BIN',
    'SHARE_NOT_ALLOWED',
    'EXTERNAL_SHARING_OFF',
    'IDEMPOTENCY_CONFLICT',
    'IN_PROGRESS',
  ],
  example: {
    request: {
      scope: 1,
      fileIds: ['FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr'],
      containerId: 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4',
      extractCode: 'MDg2K0vU',
      validDays: 7,
    },
    answer: {
      shareLink: {
        shareId: '1689743054514187776',
        shortUrl: 'h2Rk0nGd8VbqT5yLw3XsMp',
        linkUrl: 'https://drive.example.com/s/h2Rk0nGd8VbqT5yLw3XsMp',
        extractCode: 'MDg2K0vU',
        comment: '',
        createTime: '2026-11-21T10:00:00.000Z',
        expireTime: '2026-11-28T10:00:00.000Z',
      },
      data: { taskId: '1689743054514187777' },
    },
  },
})

const link = fields({ shortUrl })

function visit(name: 'visitShare' | 'visitSharePublic', path: string) {
  return endpoint({
    name,
    method: 'GET',
    path,
    tag: 'Opening a link',
    summary: 'May the link be opened',
    description: 'Answers 0 when it may. ACCESS_CODE_REQUIRED when a code comes first.',
    caller: name === 'visitShare' ? 'user' : 'anyone',
    isRead: true,
    query: link,
    answer: fields({}),
    errors: [...stateErrors, 'ACCESS_CODE_REQUIRED'],
  })
}

function shareInfo(name: 'getShareInfo' | 'getShareInfoPublic', path: string) {
  return endpoint({
    name,
    method: 'GET',
    path,
    tag: 'Opening a link',
    summary: 'Public facts of a link',
    caller: name === 'getShareInfo' ? 'user' : 'anyone',
    isRead: true,
    query: link,
    answer: fields({ link: commonShareLink }),
    errors: [...stateErrors],
  })
}

function verify(
  name: 'verifyExtractCode' | 'verifyExtractCodePublic',
  path: string,
  twins: { method: 'GET'; path: string }[],
) {
  return endpoint({
    name,
    method: 'POST',
    path,
    twins,
    tag: 'Opening a link',
    summary: 'Check the access code',
    description:
      "Wrong codes are counted for the link and for the caller's address on it; `errorData.triesLeft` and `errorData.retryAfter` say how it stands.",
    caller: name === 'verifyExtractCode' ? 'user' : 'anyone',
    body: fields({ shortUrl, extractCode: Type.String({ description: 'Access code', maxLength: 64 }) }),
    answer: fields({ kdstoken: out('Temporary token of this share, good for two hours') }),
    errors: [...stateErrors, 'ACCESS_CODE_WRONG', 'TOO_MANY_ATTEMPTS'],
    example: {
      request: { shortUrl: 'h2Rk0nGd8VbqT5yLw3XsMp', extractCode: 'MDg2K0vU' },
      answer: { kdstoken: '561bd7f1a8' },
    },
  })
}

const filesExample = {
  request: { shortUrl: 'h2Rk0nGd8VbqT5yLw3XsMp', pageSize: 100, sortType: 1, sortDirection: 1 },
  answer: {
    link: {
      shareId: '1689743054514187776',
      shortUrl: 'h2Rk0nGd8VbqT5yLw3XsMp',
      shareTime: '2026-11-21T10:00:00.000Z',
      ownerId: '1505084218764547200',
      ownerName: 'Ada Lovelace',
      permission: { preview: true, edit: false, download: true },
      expireTime: '2026-11-28T10:00:00.000Z',
      expireDate: '7',
      status: 0,
    },
    files: [
      {
        id: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr',
        fileName: 'Report.pdf',
        fileType: '45',
        mimeType: 'application/pdf',
        parentFolder: [],
        fileSuffix: 'pdf',
        size: 48213,
        containers: ['IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4'],
        createdTime: '2026-11-20T08:00:00.000Z',
        editedTime: '2026-11-20T08:00:00.000Z',
      },
    ],
  },
}

function files(
  name: 'listShareFiles' | 'listShareFilesPublic',
  path: string,
  twins: { method: 'GET'; path: string }[],
) {
  return endpoint({
    name,
    method: 'POST',
    path,
    twins,
    tag: 'Opening a link',
    summary: 'List the files inside an opened link',
    caller: name === 'listShareFiles' ? 'user' : 'anyone',
    isRead: true,
    body: fields({
      shortUrl,
      parentFolder: optional(id('Folder inside the share; absent for the top')),
      pageSize,
      pageCursor: optional(pageCursor),
      sortType: optional(choice('1 by file name, 2 by file size, 4 by modification time', [1, 2, 4], { default: 4 })),
      sortDirection: optional(choice('1 ascending, 2 descending', [1, 2], { default: 2 })),
      kdstoken,
      refreshCount: optional(flag('Whether this call counts as a view')),
      fileName: optional(Type.String({ description: 'Part of the name, at the level listed', maxLength: 250 })),
      foldersFirst: optional(flag('Extension: folders before files')),
      recursive: optional(flag('Extension: with fileName, search everything in the share')),
      imageProcess: optional(Type.String({ description: 'Accepted', maxLength: 300 })),
      usage: optional(Type.String({ description: 'Accepted', maxLength: 100 })),
    }),
    answer: fields({ nextCursor, link: commonShareLink, files: list('Shared files', shareFile, 100) }),
    errors: [...stateErrors, 'ACCESS_CODE_REQUIRED', 'NOT_IN_SHARE', 'CURSOR_INVALID'],
    example: filesExample,
  })
}

function download(
  name: 'downloadShareFile' | 'downloadShareFilePublic',
  path: string,
  twins: { method: 'GET'; path: string }[],
) {
  return endpoint({
    name,
    method: 'POST',
    path,
    twins,
    tag: 'Opening a link',
    summary: 'Download address of one file of a share',
    caller: name === 'downloadShareFile' ? 'user' : 'anyone',
    isRead: true,
    body: fields({ shareId: id('Share id'), fileId: id('File id'), kdstoken }),
    answer: fields({ downloadUrl: out('Address, good for one hour') }),
    errors: [...stateErrors, 'ACCESS_CODE_REQUIRED', 'NOT_IN_SHARE', 'NOT_PERMITTED_BY_SHARE', 'NOT_FOR_FOLDERS'],
  })
}

/** sharing.md 4. */
export const visitShare = visit('visitShare', `${ose}/share/visit`)
/** sharing.md 4. */
export const getShareInfo = shareInfo('getShareInfo', `${ose}/share/userInfo`)
/** sharing.md 4. */
export const verifyExtractCode = verify('verifyExtractCode', `${ose}/share/verify`, [])
/** Founding page *Listing Files Shared with You*, edition 2024-07, with the later fields on top (sharing.md 4). */
export const listShareFiles = files('listShareFiles', `${ose}/share/files`, [])
/** sharing.md 4. */
export const downloadShareFile = download('downloadShareFile', `${ose}/share/download`, [])

/** sharing.md 5. */
export const visitSharePublic = visit('visitSharePublic', `${ose}/share/public/visit`)
/** sharing.md 5. */
export const getShareInfoPublic = shareInfo('getShareInfoPublic', `${ose}/share/public/userInfo`)
/** sharing.md 5, both methods (decision W9). */
export const verifyExtractCodePublic = verify('verifyExtractCodePublic', `${ose}/share/public/verify`, [
  { method: 'GET', path: `${ose}/share/public/verify` },
])
/** sharing.md 5, both methods. */
export const listShareFilesPublic = files('listShareFilesPublic', `${ose}/share/public/files`, [
  { method: 'GET', path: `${ose}/share/public/files` },
])
/** sharing.md 5, both methods. */
export const downloadShareFilePublic = download('downloadShareFilePublic', `${ose}/share/public/download`, [
  { method: 'GET', path: `${ose}/share/public/download` },
])

export const shareEndpoints = {
  createShare,
  visitShare,
  getShareInfo,
  verifyExtractCode,
  listShareFiles,
  downloadShareFile,
  visitSharePublic,
  getShareInfoPublic,
  verifyExtractCodePublic,
  listShareFilesPublic,
  downloadShareFilePublic,
}
