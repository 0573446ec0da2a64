/** One kind of failure: the vendor's number, the HTTP status, and what a person reads in English and Chinese. */
export interface ErrorKind {
  code: number
  status: number
  en: string
  zh: string
}

/** The closed list of failures. The key is the stable `reason` of the wire. */
export const errorKinds = {
  BAD_REQUEST: { code: 13000101, status: 400, en: 'The request could not be read.', zh: '请求格式错误。' },
  PARAMETER_INVALID: { code: 13000102, status: 400, en: 'Verify parameters failed.', zh: '参数校验失败。' },
  CURSOR_INVALID: {
    code: 13000102,
    status: 400,
    en: 'This page cursor does not belong to this list. Start again without it.',
    zh: '分页游标与当前列表不符，请从第一页重新开始。',
  },
  BODY_TOO_LARGE: { code: 13000102, status: 413, en: 'The request body is too large.', zh: '请求体过大。' },
  NO_SUCH_ENDPOINT: { code: 13000309, status: 404, en: 'There is no such endpoint.', zh: '接口不存在。' },
  INTERNAL: {
    code: 13000201,
    status: 500,
    en: 'Something went wrong on our side. Try again; if it stays, give the administrator the trace id.',
    zh: '服务内部错误，请稍后重试；若持续出现，请将跟踪 ID 提供给管理员。',
  },
  UNAVAILABLE: {
    code: 13000201,
    status: 503,
    en: 'The service is busy or shutting down. Try again shortly.',
    zh: '服务繁忙或正在关闭，请稍后重试。',
  },
  SPACE_NOT_ACCESSIBLE: {
    code: 13000410,
    status: 400,
    en: 'There is no such space, or you have no right on it.',
    zh: '空间不存在，或您没有该空间的权限。',
  },
  SPACE_NOT_FOUND: { code: 13000301, status: 400, en: 'Space not found.', zh: '空间不存在。' },
  SPACE_NOT_ACTIVE: { code: 13000412, status: 400, en: 'The space is disabled.', zh: '空间已停用。' },
  FILE_NOT_IN_SPACE: {
    code: 13000302,
    status: 400,
    en: 'There is no such file or folder in this space.',
    zh: '该空间内没有此文件或文件夹。',
  },
  NOT_IN_BIN: { code: 13000303, status: 400, en: 'The item is not in the recycle bin.', zh: '该项目不在回收站中。' },
  TARGET_FOLDER_INVALID: {
    code: 13000304,
    status: 400,
    en: 'The target is not a folder of this space.',
    zh: '目标文件夹异常。',
  },
  TARGET_IN_BIN: {
    code: 13000305,
    status: 400,
    en: 'The target folder is in the recycle bin.',
    zh: '目标文件夹在回收站中。',
  },
  SOURCE_IN_BIN: {
    code: 13000306,
    status: 400,
    en: 'The item is in the recycle bin. Restore it first.',
    zh: '该项目在回收站中，请先还原。',
  },
  NESTED_DIRECTORIES: {
    code: 13000307,
    status: 400,
    en: 'A folder cannot be moved or copied into itself.',
    zh: '文件夹不能移动或复制到自身内部。',
  },
  NOT_FOUND: { code: 13000309, status: 400, en: 'Resource not found.', zh: '资源不存在。' },
  TOO_DEEP: { code: 13000310, status: 400, en: 'Max. levels exceeded.', zh: '超出最大目录层级。' },
  INSUFFICIENT_SPACE: {
    code: 13000311,
    status: 400,
    en: 'Insufficient space. Empty the bin or ask the administrator for more.',
    zh: '空间不足，请清空回收站或联系管理员扩容。',
  },
  ALREADY_THERE: {
    code: 13000312,
    status: 400,
    en: 'The item is in the target folder already.',
    zh: '该项目已在目标文件夹中。',
  },
  UPLOAD_NOT_FOUND: { code: 13000401, status: 400, en: 'Upload task not found.', zh: '上传任务不存在。' },
  UPLOAD_INCOMPLETE: {
    code: 13000402,
    status: 400,
    en: 'File upload incomplete, or its content differs from what was announced.',
    zh: '文件上传不完整，或内容与声明不符。',
  },
  PARENT_IN_BIN: {
    code: 13000404,
    status: 400,
    en: 'The folder of this upload is in the recycle bin.',
    zh: '上传的目标文件夹在回收站中。',
  },
  DUPLICATE_NAME: { code: 13000405, status: 400, en: 'Duplicate file name.', zh: '名称已存在。' },
  NOT_FOR_FOLDERS: { code: 13000406, status: 400, en: 'Not allowed on a folder.', zh: '文件夹不支持此操作。' },
  DOWNLOAD_LINK_DEAD: {
    code: 13000407,
    status: 400,
    en: 'This download address is not valid any more. Ask for a new one.',
    zh: '下载地址已失效，请重新获取。',
  },
  UPLOAD_LINK_DEAD: {
    code: 13000409,
    status: 400,
    en: 'This upload address is not valid any more. Ask for a new one.',
    zh: '上传地址已失效，请重新获取。',
  },
  UPLOAD_FAILED: { code: 13000409, status: 400, en: 'Upload file failed.', zh: '上传失败。' },

  SHARE_NOT_FOUND: {
    code: 13000901,
    status: 400,
    en: 'There is no such link. Check the address.',
    zh: '链接不存在，请检查地址。',
  },
  SHARE_CANCELLED: {
    code: 13000902,
    status: 400,
    en: 'This link was cancelled by its owner. Ask for a new one.',
    zh: '分享已被取消，请联系分享者。',
  },
  SHARE_EXPIRED: {
    code: 13000903,
    status: 400,
    en: 'This link has expired. Ask the sharer for a new one.',
    zh: '分享已过期，请联系分享者重新分享。',
  },
  SHARE_INVALID: {
    code: 13000904,
    status: 400,
    en: 'This link is no longer valid: its owner lost access to the files.',
    zh: '分享已失效：分享者已失去对文件的权限。',
  },
  SHARE_FILES_DELETED: {
    code: 13000905,
    status: 400,
    en: 'The shared files were deleted.',
    zh: '分享的文件已被删除。',
  },
  ACCESS_CODE_REQUIRED: {
    code: 13000906,
    status: 400,
    en: 'This link needs its access code.',
    zh: '请输入提取码。',
  },
  ACCESS_CODE_WRONG: { code: 13000907, status: 400, en: 'The access code is wrong.', zh: '提取码错误。' },
  TOO_MANY_ATTEMPTS: {
    code: 13000908,
    status: 429,
    en: 'Too many wrong tries. Wait and try again.',
    zh: '错误次数过多，请稍后再试。',
  },
  SIGN_IN_REQUIRED: {
    code: 13000909,
    status: 401,
    en: 'Sign in to go on.',
    zh: '请先登录。',
  },
  NOT_A_RECEIVER: {
    code: 13000910,
    status: 400,
    en: 'This link was not shared with your account.',
    zh: '该分享未授权给您的账号。',
  },
  NOT_PERMITTED_BY_SHARE: {
    code: 13000911,
    status: 400,
    en: 'This link does not permit that.',
    zh: '该分享不允许此操作。',
  },
  LIMIT_REACHED: { code: 13000912, status: 400, en: 'The limit of this link is reached.', zh: '该分享已达到上限。' },
  NOT_IN_SHARE: {
    code: 13000913,
    status: 400,
    en: 'This file or folder is not part of the link.',
    zh: '该文件不在此分享中。',
  },
  EXTERNAL_SHARING_OFF: {
    code: 13000914,
    status: 400,
    en: 'Links for people outside the organisation are switched off.',
    zh: '外链分享已被关闭。',
  },
  SHARE_NOT_ALLOWED: { code: 13000915, status: 400, en: 'You may not share this item.', zh: '您无权分享该项目。' },

  CREDENTIAL_WRONG: {
    code: 13000920,
    status: 401,
    en: 'The account or the password is wrong.',
    zh: '账号或密码错误。',
  },
  TOKEN_INVALID: {
    code: 13000921,
    status: 401,
    en: 'The access token is missing, wrong or expired. Sign in again.',
    zh: '访问令牌缺失、错误或已过期，请重新登录。',
  },
  SIGNATURE_INVALID: {
    code: 13000922,
    status: 401,
    en: 'The app signature is wrong, too old, or was used before.',
    zh: '应用签名错误、过期或已被使用。',
  },
  NOT_AN_ADMINISTRATOR: {
    code: 13000923,
    status: 400,
    en: 'Only a system administrator may do this.',
    zh: '仅系统管理员可执行此操作。',
  },
  NOT_PERMITTED: { code: 13000410, status: 400, en: 'You may not do this.', zh: '您没有此操作的权限。' },
  DEPARTMENT_NOT_EMPTY: {
    code: 13000924,
    status: 400,
    en: 'The department still has people or sub-departments. Move them first.',
    zh: '部门下仍有成员或子部门，请先移出。',
  },
  IDEMPOTENCY_CONFLICT: {
    code: 13000925,
    status: 400,
    en: 'This Idempotency-Key was used with another request.',
    zh: '该 Idempotency-Key 已用于其他请求。',
  },
  IN_PROGRESS: {
    code: 13000926,
    status: 400,
    en: 'The same call is still being carried out. Try again shortly.',
    zh: '相同请求正在处理中，请稍后重试。',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorReason = keyof typeof errorKinds
