import type { EndpointName } from '@driveway/contract'

/** What to show of one endpoint; missing required fields are made up. */
export interface Sample {
  request?: Record<string, unknown>
  answer?: Record<string, unknown>
}

const folder = {
  mimeType: 'application/vnd.huawei-apps.folder',
  fullFileSuffix: '',
  fileSuffix: '',
}
const permission = { preview: true, edit: false, download: true }

/** Examples of the reference page where the contract shows none, or only the telling half of one. */
export const samples: Partial<Record<EndpointName, Sample>> = {
  listDepartments: {
    request: { departmentId: '1245640257345455488' },
    answer: { list: [{ parentId: '1245640257345455488', name: 'Sales' }] },
  },
  getDepartment: { answer: { parentId: '1245640257345455488', name: 'Sales' } },
  updateDepartment: { request: { name: 'Sales North' } },
  listUsers: { request: { keyWord: 'ada' } },
  updateUser: { request: { status: 1 } },
  importUsers: {
    request: {
      preview: true,
      rows: [{ account: 'ada', name: 'Ada Lovelace', department: 'Sales/North', email: 'ada@example.com' }],
    },
    answer: { data: { departments: ['Sales', 'Sales/North'] } },
  },
  listGroups: { request: { sourceType: 1 } },
  addGroupMembers: { request: { amendModRoles: [{ userId: '1505084218764547200' }] } },
  removeGroupMembers: { request: { amendModRoles: [{ userId: '1505084218764547200' }] } },
  createApp: { request: { name: 'Payroll' }, answer: { data: { name: 'Payroll' } } },
  listApps: { answer: { apps: [{ name: 'Payroll' }] } },
  getSpace: {
    request: { ownerId: '1505084218764547200', type: 1 },
    answer: { data: { ownerId: '1505084218764547200' } },
  },
  listSpaces: {
    request: { owner_id: '1505084218764547200', type: 1 },
    answer: { data: [{ ownerId: '1505084218764547200' }] },
  },
  createFolder: { answer: folder },
  getFile: { answer: { size: 48_213 } },
  getUploadUrls: { request: { multiParts: [{ partNumber: 2, partSize: 5_242_880, partOffset: 5_242_880 }] } },
  listFiles: {
    request: { pageInfo: { pageSize: 100, pageCursor: '' }, sortInfo: { sortType: 1, sortDirection: 1 } },
    answer: { files: [{ size: 48_213 }] },
  },
  renameFile: { request: { name: 'Report 2026.pdf' }, answer: { fileName: 'Report 2026.pdf' } },
  emptyBin: { request: { containerId: 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4' } },
  listJobs: {
    answer: { data: [{ status: 2, taskResultCode: 1, beginTime: '20261121100000', endTime: '20261121100001' }] },
  },
  getJob: {
    answer: {
      data: {
        jobInfo: { status: 2, taskResultCode: 1, beginTime: '20261121100000', endTime: '20261121100001' },
        taskInfos: [{ newFileId: 'FryfD0bDk0aWSfrlCgZVJG7hxDMCY5hkl' }],
      },
    },
  },
  getShareInfo: { answer: { link: { permission, expireTime: '2026-11-28T10:00:00.000Z' } } },
  getShareInfoPublic: { answer: { link: { permission, expireTime: '2026-11-28T10:00:00.000Z' } } },
}
