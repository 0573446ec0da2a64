import type { ErrorReason } from '@driveway/contract'
import type { JsonObject } from './openapi-examples.ts'
import { describeFailures } from './openapi-failures.ts'
import type { OpenApiDocument } from './openapi.ts'

const token: JsonObject = {
  name: 'token',
  in: 'path',
  required: true,
  description: 'Signed by the server, good for one hour and one part or file. Opaque.',
  schema: { type: 'string' },
}

const uploadErrors: ErrorReason[] = ['UPLOAD_LINK_DEAD', 'UPLOAD_NOT_FOUND', 'UPLOAD_FAILED']
const downloadErrors: ErrorReason[] = [
  'DOWNLOAD_LINK_DEAD',
  'SHARE_NOT_FOUND',
  'SHARE_CANCELLED',
  'SHARE_EXPIRED',
  'SHARE_INVALID',
  'SHARE_FILES_DELETED',
  'ACCESS_CODE_REQUIRED',
  'NOT_A_RECEIVER',
  'EXTERNAL_SHARING_OFF',
  'NOT_IN_SHARE',
  'NOT_PERMITTED_BY_SHARE',
]

/** The failures of the byte routes. */
export const byteErrors: ErrorReason[] = [...uploadErrors, ...downloadErrors]

const binary: JsonObject = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }

const upload: JsonObject = {
  operationId: 'putPart',
  tags: ['Transfer'],
  summary: 'Send the bytes of one part',
  description:
    'The address comes from `createFile` or `getUploadUrls`; no credential is sent. `Content-Length` must be the declared `partSize`. Parts may come in parallel and in any order, and one may be sent again.',
  security: [],
  parameters: [token],
  requestBody: { required: true, content: binary },
  responses: {
    '200': { description: 'The part is kept' },
    '400': describeFailures(uploadErrors),
    '413': describeFailures(['BODY_TOO_LARGE']),
    '500': describeFailures(['INTERNAL']),
    '503': describeFailures(['UNAVAILABLE']),
  },
}

const fileHeaders: JsonObject = {
  'Content-Length': { schema: { type: 'integer' } },
  'Content-Type': { schema: { type: 'string' } },
  'Content-Disposition': { schema: { type: 'string' }, description: 'attachment, with the name in UTF-8 (RFC 6266)' },
  'Accept-Ranges': { schema: { type: 'string', const: 'bytes' } },
  ETag: { schema: { type: 'string' }, description: 'SHA-256 of the content' },
  'Last-Modified': { schema: { type: 'string' } },
}

function download(method: 'get' | 'head'): JsonObject {
  const content: JsonObject = method === 'get' ? { content: binary } : {}
  return {
    operationId: method === 'get' ? 'getBytes' : 'headBytes',
    tags: ['Transfer'],
    summary: method === 'get' ? 'The bytes of a file, whole or a range' : 'Length, type and tag of a file',
    description:
      'The address comes from `downloadFiles` or `downloadShareFile`; no credential is sent. The right to the file, and the whole gate of a share, are asked again.',
    security: [],
    parameters: [
      token,
      {
        name: 'fileName',
        in: 'path',
        required: true,
        description: 'For people; it decides nothing',
        schema: { type: 'string' },
      },
      { name: 'Range', in: 'header', description: 'One range, such as `bytes=0-1023`', schema: { type: 'string' } },
      { name: 'If-Range', in: 'header', description: 'The ETag of the beginning', schema: { type: 'string' } },
      { name: 'If-None-Match', in: 'header', schema: { type: 'string' } },
    ],
    responses: {
      '200': { description: 'The whole file', headers: fileHeaders, ...content },
      '206': {
        description: 'The range asked for',
        headers: { ...fileHeaders, 'Content-Range': { schema: { type: 'string' } } },
        ...content,
      },
      '304': { description: 'The caller has it already' },
      '400': describeFailures(downloadErrors),
      '416': { description: 'The range lies outside the file' },
      '500': describeFailures(['INTERNAL']),
      '503': describeFailures(['UNAVAILABLE']),
    },
  }
}

function health(operationId: string, summary: string, description: string): JsonObject {
  const body: JsonObject = { 'application/json': { schema: { type: 'object' }, example: { status: 'ok' } } }
  return {
    get: {
      operationId,
      tags: ['Health'],
      summary,
      description,
      security: [],
      responses: { '200': { description: 'Yes', content: body }, '503': { description: 'No', content: body } },
    },
  }
}

/** The routes outside the contract's table: bytes by signed address, and health. */
export const byteAndHealthPaths: OpenApiDocument['paths'] = {
  '/bytes/upload/{token}': { put: upload },
  '/bytes/download/{token}/{fileName}': { get: download('get'), head: download('head') },
  '/healthz': health('getHealth', 'Is the process alive', 'Asks nothing but the process itself.'),
  '/readyz': health(
    'getReadiness',
    'Can it serve',
    'Asks the database and the blob store, and says of each whether it answers.',
  ),
}
