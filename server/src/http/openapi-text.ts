import type { OpenApiDocument } from './openapi.ts'

type Part = OpenApiDocument['info']

/** What the document says about itself. */
export const infoText: Part = {
  title: 'Driveway',
  version: '0.1.0',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  description: [
    "A self-hosted enterprise drive that speaks the KooDrive API. Paths below `/koodrive/ose` are the vendor's, paths below `/api/v1` are ours.",
    'Every answer is JSON with `code` (0 on success) and `msg`; a failure adds `error`, whose `errorDetail` names the stable `reason` and the field. Decide by `code` or `reason`, never by `msg`.',
    'Integers may come as text, empty optional texts count as absent, and unknown fields are ignored. Times are ISO 8601 UTC unless said otherwise; in requests `yyyy-MM-dd HH:mm:ss` (UTC) is read too. Ids are opaque texts.',
    'Lists are paged by opaque cursors: send `nextCursor` back as `pageCursor`, and stop when there is none. A cursor is good only for the query that made it.',
  ].join('\n\n'),
}

/** The groups of the reference page, in its order. */
export const tags: OpenApiDocument['tags'] = [
  { name: 'Session', description: 'Signing in, renewing and ending a session.' },
  { name: 'Spaces', description: 'Where files live: one space for each person, department or group.' },
  { name: 'Files', description: 'Folders, names, places, lists and the recycle bin.' },
  {
    name: 'Transfer',
    description:
      'Bytes in and out: start an upload, send its parts to signed addresses, complete it; ask for a signed address to download.',
  },
  { name: 'Jobs', description: 'Copy, move, delete and restore many items in the background.' },
  { name: 'Sharing', description: 'Making links.' },
  {
    name: 'Opening a link',
    description:
      'What a receiver or a visitor does with a link: look, give the access code, list, download. The `public` twins need no credential.',
  },
  { name: 'Departments', description: 'The tree of the organisation.' },
  { name: 'People', description: 'Accounts, made and kept by a system administrator.' },
  { name: 'User groups', description: 'Named sets of people to share with.' },
  { name: 'Apps', description: 'Keys of servers that sign their calls instead of signing in.' },
  { name: 'Health', description: 'For load balancers and process supervisors.' },
]

/** Object schemas of the contract that become components, by their description. */
export const sharedNames: Record<string, string> = {
  'Sharing permission': 'SharePermission',
  'Public information of the access link': 'CommonShareLink',
  'A shared file or folder': 'ShareFile',
  'A person, as file objects name one': 'DriveUser',
  'A file or folder': 'File',
  'A space': 'Space',
  'A department': 'Department',
  'A job': 'Job',
  'The session': 'Session',
}

/** The ways to say who calls. */
export const securitySchemes: Part = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'Access token of a session, 48 hex digits. `Bearer <token>`, `Bearer+<token>`, the same with `AT`, and the bare token are taken. It dies 20 minutes after the last call.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'Authorization',
    description:
      'The same token, set for the web application by `login` with `cookie: true`. HttpOnly, same-site, and good only together with the header `X-Driveway-Client: web`.',
  },
  appSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      "`HMAC-SHA256 AppId=…,SignedHeaders=host;x-date;x-user-id,Signature=…`, together with the headers `X-User-Id` (who the call is for) and `X-Date` (`yyyyMMdd'T'HHmmss'Z'`, at most 15 minutes old). Each signature is good once.",
  },
}

/** Request headers that every endpoint, or every repeatable one, takes. */
export const parameters: Part = {
  traceId: {
    name: 'X-Traceid',
    in: 'header',
    description:
      'Trace id of the caller: 58 characters of `0-9 A-Z a-z _ -` are kept, echoed and logged; anything else is replaced by a new id.',
    schema: { type: 'string' },
  },
  language: {
    name: 'language',
    in: 'header',
    description: 'Language of `msg` in failures; `en_us` and `zh_cn` are taken too.',
    schema: { type: 'string', enum: ['en-US', 'zh-CN', 'en_us', 'zh_cn'], default: 'en-US' },
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Any text of the caller: 1 to 200 printable ASCII characters without blanks. The same key with the same body within 24 hours gets the first answer again, and nothing is done twice.',
    schema: { type: 'string', maxLength: 200 },
  },
}

/** Headers of answers. */
export const headers: Part = {
  traceId: { description: 'Trace id of this call, to be quoted in questions', schema: { type: 'string' } },
  retryAfter: { description: 'Seconds to wait before the next try', schema: { type: 'integer', minimum: 1 } },
}

const text = (description: string): Part => ({ type: 'string', description })

/** The body of every failure: the vendor's `code` and `msg`, and its older `error` object (decision W3). */
export const errorSchema: Part = {
  type: 'object',
  required: ['code', 'msg', 'error'],
  properties: {
    code: { type: 'integer', description: 'Number of the failure' },
    msg: text('What went wrong, in the language of the caller'),
    error: {
      type: 'object',
      required: ['errorData', 'errorDetail', 'code', 'description'],
      properties: {
        errorData: {
          type: 'object',
          description: 'What a client needs to go on',
          properties: {
            conflictFileId: text('The item that has the name already'),
            triesLeft: { type: 'integer', description: 'Wrong tries left before the next wait' },
            retryAfter: { type: 'integer', description: 'Seconds to wait' },
          },
        },
        errorDetail: {
          type: 'array',
          items: {
            type: 'object',
            required: ['domain', 'reason', 'errorCode', 'description', 'errorPos', 'errorParam'],
            properties: {
              domain: text('Part of the product'),
              reason: text('Stable symbol of the failure, or of what is wrong with a field'),
              errorCode: text('Number of the failure, as text'),
              description: text('In English'),
              errorPos: text('header, path, query or body; empty when no field is to blame'),
              errorParam: text('JSON path of the field, such as fileIds[2]'),
            },
          },
        },
        code: { type: 'integer', description: 'HTTP status' },
        description: text('Text of the HTTP status'),
      },
    },
  },
}
