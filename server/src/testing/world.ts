import type { EndpointName } from '@driveway/contract'
import { createDrive, type Drive, uploadFile } from '@driveway/sdk'
import { quiet } from './digest.ts'
import { testPassword, type TestServer } from './server.ts'

/** A person who is signed in. */
export interface Person {
  id: string
  account: string
  drive: Drive
  space: string
  token: string
  sessionId: string
  refreshToken: string
}

/** The ways a link can be made: for whom, and with a code or without. */
export const shareKinds = ['everybody', 'everybodyCode', 'enterprise', 'enterpriseCode', 'named', 'namedCode'] as const
export type ShareKind = (typeof shareKinds)[number]

export const accessCode = 'Xk29mQ4z'

/** A link with what is inside: `folder`, in it `file` and `sub`. */
export interface TestShare {
  shareId: string
  shortUrl: string
  /** Opens it as it is now. */
  kdstoken: string
}

/** People, a folder of the owner's, and links to it of every kind. */
export interface World {
  server: TestServer
  admin: Person
  owner: Person
  /** Of the owner's department, named in no share. */
  member: Person
  /** Of no department that a share names. */
  stranger: Person
  byUser: Person
  byGroup: Person
  /** Of a department below the one that a share names. */
  byDepartment: Person
  /** Whose account was switched off; the token was good before. */
  disabled: Person
  rootDepartment: string
  office: string
  field: string
  fieldNorth: string
  group: string
  folder: string
  sub: string
  file: string
  shares: Record<ShareKind, TestShare>
}

/** Signs in by account, for a session of its own. */
export async function signIn(server: TestServer, account: string): Promise<Person> {
  const { data } = await server.anonymous.login({ account, authType: '1', password: testPassword })
  const { accessToken: token, sessionId, refreshToken } = data.sessionInfo
  const drive = createDrive({ baseUrl: server.url, token })
  const space = await drive.getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return { id: data.userInfo.userId, account, drive, space: space.data.containerId, token, sessionId, refreshToken }
}

let made = 0

/** A name that nothing else in this process has. */
export function freshName(stem: string): string {
  made += 1
  return `${stem}${made}`
}

/** Makes a person and signs in. */
export async function makePerson(server: TestServer, account: string, deptId?: string): Promise<Person> {
  await server.admin.createUser({ account, name: account, password: testPassword, ...(deptId ? { deptId } : {}) })
  return signIn(server, account)
}

/** Puts a small file into a person's space; answers its id. */
export async function putFile(person: Person, name: string, content: string, parentFolder = 'root'): Promise<string> {
  const source = new Blob([content])
  return (await uploadFile(person.drive, { source, name, containerId: person.space, parentFolder })).fileId
}

/** Makes a folder in a person's space; answers its id. */
export async function makeFolder(person: Person, name: string, parent = 'root'): Promise<string> {
  const input = { fileName: name, fileType: '10', containerId: person.space, parentFolder: [parent] }
  return (await person.drive.createFolder(input)).id
}

/** Makes a department below another; answers its id. */
export async function makeDepartment(server: TestServer, name: string, parentId: string): Promise<string> {
  return (await server.admin.createDepartment({ name, parentId })).data.id
}

type NewShare = Parameters<Drive['createShare']>[0]

/** Shares items of a person's space, everybody's by default. */
export async function share(person: Person, fileIds: string[], more: Partial<NewShare> = {}) {
  const input = { scope: 1, fileIds, containerId: person.space, validDays: 7, ...more }
  return (await person.drive.createShare(input)).shareLink
}

/** Carries out a job of a person to its end. */
export async function runJob(
  server: TestServer,
  person: Person,
  kind: 'bin' | 'purge' | 'restore' | 'move',
  fileId: string,
  target = 'root',
): Promise<void> {
  const types = { bin: [2, 201], purge: [2, 202], restore: [4, undefined], move: [3, 301] } as const
  const [taskType, actionType] = types[kind]
  const { data } = await person.drive.createJob({
    taskType,
    ...(actionType === undefined ? {} : { actionType }),
    dstContainerId: person.space,
    taskInfo: { srcContainerId: person.space, fileInfo: [{ fileId }], newFilePath: target },
  })
  await quiet(server.running.parts.db)
  const { jobInfo } = (await person.drive.getJob({ job_id: data })).data
  if (jobInfo.taskResultCode !== 1) throw new Error(`${kind} failed with ${jobInfo.resultCode}`)
}

/** Builds the world on a server that nobody has used yet. */
export async function buildWorld(server: TestServer): Promise<World> {
  const rootDepartment = (await server.admin.listDepartments({})).list[0]?.id ?? ''
  const office = await makeDepartment(server, 'Office', rootDepartment)
  const field = await makeDepartment(server, 'Field', rootDepartment)
  const fieldNorth = await makeDepartment(server, 'Field North', field)
  const admin = await signIn(server, 'admin')
  const owner = await makePerson(server, 'owner', office)
  const member = await makePerson(server, 'member', office)
  const stranger = await makePerson(server, 'stranger')
  const byUser = await makePerson(server, 'by.user')
  const byGroup = await makePerson(server, 'by.group')
  const byDepartment = await makePerson(server, 'by.department', fieldNorth)
  const disabled = await makePerson(server, 'disabled', office)
  // not by the API, which ends the sessions too: here the session itself must be refused
  await server.running.parts.db.updateTable('users').set({ status: 1 }).where('id', '=', disabled.id).execute()
  const group = (await owner.drive.createGroup({ groupName: 'Reviewers', sourceType: 1 })).id
  await owner.drive.addGroupMembers({ groupId: group, userIds: [byGroup.id] })
  const folder = await makeFolder(owner, 'Shared')
  const sub = await makeFolder(owner, 'Inside', folder)
  const file = await putFile(owner, 'report.txt', 'the report', folder)
  const named = { scope: 3, userIds: [byUser.id], groupIds: [group], deptIds: [field] }
  const ways: Record<ShareKind, Partial<NewShare>> = {
    everybody: { scope: 1 },
    everybodyCode: { scope: 1, extractCode: accessCode },
    enterprise: { scope: 2 },
    enterpriseCode: { scope: 2, extractCode: accessCode },
    named,
    namedCode: { ...named, extractCode: accessCode },
  }
  const shares = {} as Record<ShareKind, TestShare>
  for (const kind of shareKinds) {
    const { shareId, shortUrl } = await share(owner, [folder], ways[kind])
    const { kdstoken } = await owner.drive.verifyExtractCode({ shortUrl, extractCode: accessCode })
    shares[kind] = { shareId, shortUrl, kdstoken }
  }
  await quiet(server.running.parts.db)
  return {
    server,
    admin,
    owner,
    member,
    stranger,
    byUser,
    byGroup,
    byDepartment,
    disabled,
    rootDepartment,
    office,
    field,
    fieldNorth,
    group,
    folder,
    sub,
    file,
    shares,
  }
}

type Inputs = Record<EndpointName, (world: World, shareKind: ShareKind) => Promise<Record<string, unknown>>>

const opened = (fields: 'url' | 'code' | 'list' | 'file') => async (world: World, kind: ShareKind) => {
  const { shareId, shortUrl } = world.shares[kind]
  if (fields === 'file') return { shareId, fileId: world.file }
  if (fields === 'code') return { shortUrl, extractCode: accessCode }
  return fields === 'list' ? { shortUrl, pageSize: 1, sortType: 1, sortDirection: 1 } : { shortUrl }
}

async function startedUpload({ owner }: World): Promise<string> {
  const answer = await owner.drive.createFile({
    fileName: freshName('upload'),
    fileType: '45',
    parentFolder: ['root'],
    containerId: owner.space,
    length: 3,
    autoRename: 2,
    multiParts: [{ partNumber: 1, partSize: 3 }],
  })
  return answer.fileId
}

async function sentUpload(world: World): Promise<string> {
  const fileId = await startedUpload(world)
  const { multiParts } = await world.owner.drive.getUploadUrls({ fileId, multiParts: [{ partNumber: 1, partSize: 3 }] })
  await fetch(multiParts[0]?.uploadUrl ?? '', { method: 'PUT', body: 'abc' })
  return fileId
}

async function spareFolder({ owner }: World): Promise<string> {
  return makeFolder(owner, freshName('spare '))
}

async function job(world: World): Promise<string> {
  const { owner } = world
  const { data } = await owner.drive.createJob({
    taskType: 2,
    actionType: 201,
    dstContainerId: owner.space,
    taskInfo: { srcContainerId: owner.space, fileInfo: [{ fileId: await spareFolder(world) }] },
  })
  return data
}

async function spareDepartment({ server, rootDepartment }: World): Promise<string> {
  return makeDepartment(server, freshName('Spare '), rootDepartment)
}

async function sparePerson({ server }: World): Promise<string> {
  const account = freshName('spare')
  return (await server.admin.createUser({ account, name: account, password: testPassword })).data.id
}

/**
 * An input for each endpoint that its rightful caller succeeds with, about things of the owner's, each with things of its own
 * where the call uses them up.
 */
export const inputs: Inputs = {
  login: async () => ({ account: 'owner', authType: '1', password: testPassword }),
  refreshToken: async ({ server }) => ({ refreshToken: (await signIn(server, 'owner')).refreshToken }),
  checkSession: async () => ({}),
  logoff: async () => ({}),
  refreshSession: async ({ owner }) => ({ 'x-session-id': owner.sessionId }),

  listDepartments: async ({ rootDepartment }) => ({ departmentId: rootDepartment, keyWord: 'off' }),
  getDepartment: async ({ office }) => ({ department_id: office }),
  createDepartment: async ({ rootDepartment }) => ({ name: freshName('Made '), parentId: rootDepartment }),
  updateDepartment: async (world) => ({
    department_id: await spareDepartment(world),
    name: freshName('Changed '),
    parentId: world.rootDepartment,
  }),
  deleteDepartment: async (world) => ({ department_id: await spareDepartment(world) }),
  listPeople: async ({ office }) => ({ deptId: office, isDirect: true, offset: 0, limit: 10, keyWord: 'm' }),
  createUser: async ({ office }) => {
    const account = freshName('made')
    const facts = { role: 1, mobile: '+86 13800001111', email: 'made@example.com', deptId: office }
    return { account, name: account, password: testPassword, ...facts }
  },
  listUsers: async ({ rootDepartment }) => ({ pageSize: 2, keyWord: 'm', deptId: rootDepartment }),
  updateUser: async (world) => ({
    userId: await sparePerson(world),
    name: 'Changed',
    deptId: world.office,
    role: 1,
    status: 0,
    mobile: '+86 13800002222',
    email: 'changed@example.com',
    capacity: 30,
  }),
  importUsers: async () => {
    const account = freshName('imported')
    return { preview: false, rows: [{ account, name: account, password: testPassword, department: 'Office' }] }
  },
  createGroup: async () => ({ groupName: freshName('Group '), sourceType: 1 }),
  listGroups: async () => ({ pageSize: 1, groupName: 'e', sourceType: 1 }),
  listGroupMembers: async ({ group }) => ({ groupId: group, offset: 0, limit: 10, keyWord: 'by' }),
  addGroupMembers: async ({ group, byGroup }) => ({ groupId: group, amendModRoles: [{ userId: byGroup.id }] }),
  removeGroupMembers: async ({ group, stranger }) => ({ groupId: group, userIds: [stranger.id] }),
  createApp: async () => ({ name: freshName('app ') }),
  listApps: async () => ({}),
  deleteApp: async ({ server }) => ({ appId: (await server.admin.createApp({ name: 'spare' })).data.appId }),

  getSpace: async ({ owner }) => ({ ownerId: owner.id, type: 1, containerId: owner.space }),
  listSpaces: async ({ owner }) => ({ owner_id: owner.id, type: 1 }),

  createFolder: async ({ owner }) => ({
    fileName: freshName('folder '),
    fileType: '10',
    containerId: owner.space,
    parentFolder: ['root'],
    renameMode: 2,
    createdTime: '2026-01-01T00:00:00Z',
    editedTime: '2026-01-01 00:00:00',
    description: 'a folder',
  }),
  createFile: async ({ owner }) => ({
    fileName: freshName('file '),
    fileType: '45',
    parentFolder: ['root'],
    containerId: owner.space,
    length: 3,
    uploadMode: 'multipart',
    uploadType: 1,
    autoRename: 2,
    multiParts: [{ partNumber: 1, partSize: 3, partOffset: 0 }],
    sha256: 'a'.repeat(64),
    preHash: 'b'.repeat(64),
    proofCode: 'c'.repeat(43),
    createdTime: '2026-01-01T00:00:00Z',
    editedTime: '2026-01-01T00:00:00Z',
    description: 'a file',
    mimeType: 'text/plain',
  }),
  getUploadUrls: async (world) => ({
    fileId: await startedUpload(world),
    multiParts: [{ partNumber: 1, partSize: 3, partOffset: 0 }],
  }),
  completeFile: async (world) => ({ fileId: await sentUpload(world) }),
  downloadFiles: async ({ owner, file }) => ({ containerId: owner.space, fileIds: [file] }),
  getFile: async ({ owner, file }) => ({ fileId: file, containerId: owner.space }),
  renameFile: async (world) => ({
    fileId: await spareFolder(world),
    containerId: world.owner.space,
    name: freshName('renamed '),
    renameMode: 3,
  }),
  getFilePath: async ({ owner, file }) => ({ fileId: file, containerId: owner.space }),
  emptyBin: async ({ owner }) => ({ containerId: owner.space }),
  listFiles: async ({ owner, folder }) => ({
    type: 0,
    containerId: owner.space,
    parentFileId: folder,
    pageInfo: { pageSize: 1 },
    sortInfo: { sortType: 1, sortDirection: 1 },
  }),

  createJob: async (world) => ({
    taskType: 3,
    actionType: 301,
    dstContainerId: world.owner.space,
    taskInfo: {
      srcContainerId: world.owner.space,
      fileInfo: [{ fileId: await spareFolder(world), filePath: '' }],
      newFilePath: await spareFolder(world),
    },
  }),
  listJobs: async () => ({ type: 3, status: 2, offset: 0, limit: 5 }),
  getJob: async (world) => ({ job_id: await job(world) }),
  cancelJob: async (world) => ({ jobId: await job(world) }),

  createShare: async ({ owner, folder, byUser }) => ({
    scope: 3,
    userIds: [byUser.id],
    fileIds: [folder],
    containerId: owner.space,
    permission: { preview: true, edit: false, download: true },
    extractCode: accessCode,
    comment: 'for you',
    validDays: 7,
  }),
  visitShare: opened('url'),
  getShareInfo: opened('url'),
  verifyExtractCode: opened('code'),
  listShareFiles: opened('list'),
  downloadShareFile: opened('file'),
  visitSharePublic: opened('url'),
  getShareInfoPublic: opened('url'),
  verifyExtractCodePublic: opened('code'),
  listShareFilesPublic: opened('list'),
  downloadShareFilePublic: opened('file'),
}
