import Type from 'typebox'
import { flag, list, object, optional, out, outInteger } from './fields.ts'

/** What a share lets its receivers do. Absent means preview and download, no edit (decision S10). */
export const sharePermission = object('Sharing permission', {
  preview: optional(flag('Preview permission')),
  edit: optional(flag('Editing permission')),
  download: optional(flag('Download permission')),
})

/** What a visitor may know of a link (sharing.md 1.3). */
export const commonShareLink = object('Public information of the access link', {
  shareId: out('Share id'),
  shortUrl: out('Sharing short code'),
  shareTime: out('When it was shared, ISO 8601 UTC'),
  ownerId: out('Id of the sharer'),
  ownerName: out('Name of the sharer'),
  permission: sharePermission,
  expireTime: out('End of the link, ISO 8601 UTC'),
  expireDate: out('Whole days left, rounded up'),
  status: outInteger('0 decide by expireTime, 1 all files deleted, 2 invalid, 3 expired'),
  comment: optional(out("Extension: the sharer's message; told with the files only, that is after the access code")),
})

/** A file inside an opened share (both editions of the founding page). */
export const shareFile = object('A shared file or folder', {
  id: out('File ID'),
  fileName: out('File name'),
  fileType: out('File type'),
  mimeType: out('Content type'),
  parentFolder: list('Parent folder; empty at the top of the share', Type.String()),
  fileSuffix: out('File name extension'),
  size: optional(outInteger('Bytes; folders have none')),
  containers: list('Space ID', Type.String()),
  createdTime: out('ISO 8601 UTC'),
  editedTime: out('ISO 8601 UTC'),
})

export const driveUser = object('A person, as file objects name one', {
  category: out('drive#user'),
  me: flag('Is it the caller'),
  permissionId: out('Id of the person'),
  userId: out('Opaque; not the plain user id'),
  displayName: out('Name'),
})

/** A file or folder (files.md 1). */
export const file = object('A file or folder', {
  category: out('drive#file'),
  id: out('File id'),
  fileName: out('File name'),
  fileType: out('File type, 10 for folders'),
  mimeType: out('Content type'),
  favorite: flag('Starred by the caller'),
  recycled: flag('In the recycle bin'),
  recycledTime: optional(out('When it went to the bin, ISO 8601 UTC')),
  parentFolder: list('Parent folder', Type.String()),
  properties: Type.Record(Type.String(), Type.String(), { description: 'Public attributes' }),
  containers: list('Space id', Type.String()),
  createdTime: out('ISO 8601 UTC'),
  editedTime: out('ISO 8601 UTC'),
  owners: list('Owners', driveUser),
  lastEditor: driveUser,
  fullFileSuffix: out('Everything after the first dot'),
  fileSuffix: out('Last suffix; empty for folders'),
  size: optional(outInteger('Bytes; folders have none')),
  sha256: optional(out('SHA-256 of the content')),
  description: optional(out('Description')),
  userCapabilities: object('What the caller may do', {
    addChildNodePermission: flag('Add files or folders'),
    copyPermission: flag('Copy'),
    deletePermission: flag('Delete'),
    downloadPermission: flag('Download'),
    editPermission: flag('Edit'),
    renameFilePermission: flag('Rename'),
    shareFilePermission: flag('Share'),
  }),
})

/** A space (files.md 12). */
export const spaceInfo = object('A space', {
  type: outInteger('0 department, 1 personal, 2 group'),
  status: outInteger('0 normal, 1 disabled'),
  ownerId: out('Department, user or group id'),
  containerId: out('Space id'),
  bizRootFileId: out('Root folder'),
  bizSboxFileId: out('Safe-box root'),
  rootFileId: out('Technical root'),
  capacity: outInteger('GB'),
  spaceUsed: outInteger('Bytes used, the bin and running uploads included'),
  tenantId: out('Enterprise id'),
  creator: out('User id'),
  createTime: out('ISO 8601 UTC'),
  modifier: out('User id'),
  updateTime: out('ISO 8601 UTC'),
})

/** A department (org.md 1). */
export const departmentInfo = {
  id: out('Department id'),
  orgId: out('Organisation id'),
  deptId: out('The same department in 32 hex digits'),
  parentId: out('Parent department; empty for the root'),
  name: out('Name'),
  tenantId: out('Enterprise id'),
}

/** A person, as the vendor lists people (org.md 2). */
export const userInfo = object('A person', {
  id: out('User id'),
  userId: out('User id'),
  account: out('Extension: account name, which tells namesakes apart'),
  name: out('Name'),
  deptId: out('Department id'),
  deptName: out('Department name'),
  mobile: out('Masked mobile number'),
  role: outInteger('0 department administrator, 1 ordinary user, 2 system administrator'),
  status: outInteger('0 enabled, 1 disabled'),
})

/** The caller, as the session endpoints show one (common.md 12.1). */
export const sessionUser = object('The signed-in person', {
  role: out('0 administrator, 1 ordinary user, 2 super administrator'),
  innerUserId: out('User id'),
  userId: out('User id'),
  userName: out('Name'),
  orgId: out('Organisation id'),
  orgName: out('Organisation name'),
  tenantId: out('Enterprise id'),
  userCount: outInteger('People in the enterprise'),
  deptId: out('Department id'),
})
