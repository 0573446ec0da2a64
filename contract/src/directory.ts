import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import {
  choice,
  fields,
  flag,
  id,
  integer,
  limit,
  list,
  nextCursor,
  object,
  offset,
  optional,
  ose,
  out,
  outInteger,
  pageCursor,
  pageSize,
  text,
} from './fields.ts'
import { departmentInfo, userInfo } from './objects.ts'

const departmentName = Type.String({ description: 'Name, unique below its parent', minLength: 1, maxLength: 20 })
const departmentId = { department_id: id('Department id') }
const listedDepartment = {
  ...departmentInfo,
  path: optional(out('Extension, in a search: names of the departments above, the root left out, with `/` between')),
}

/** org.md 1. */
export const listDepartments = endpoint({
  name: 'listDepartments',
  method: 'GET',
  path: `${ose}/departmentList`,
  tag: 'Departments',
  summary: 'Direct children of the organisation or of a department',
  description:
    'Without `departmentId` the list holds the root department alone. Extension: with `keyWord` and without `departmentId` it holds the departments of the whole organisation with that in their name, 100 at most, the upper ones first, each with its `path`.',
  caller: 'user',
  isRead: true,
  query: fields({ departmentId: optional(id('Parent department')), keyWord: optional(text('Part of the name', 100)) }),
  answer: fields({ list: list('Departments', object('A department', listedDepartment)) }),
  errors: ['NOT_FOUND'],
})

/** org.md 1. */
export const getDepartment = endpoint({
  name: 'getDepartment',
  method: 'GET',
  path: `${ose}/departments/{department_id}`,
  tag: 'Departments',
  summary: 'One department',
  caller: 'user',
  isRead: true,
  params: fields(departmentId),
  answer: fields(departmentInfo),
  errors: ['NOT_FOUND'],
})

/** org.md 1. */
export const createDepartment = endpoint({
  name: 'createDepartment',
  method: 'POST',
  path: `${ose}/departments`,
  tag: 'Departments',
  summary: 'Create a department',
  caller: 'admin',
  body: fields({ name: departmentName, parentId: id('Parent department') }),
  answer: fields({ data: object('The department', { id: out('Department id') }) }),
  errors: ['NOT_AN_ADMINISTRATOR', 'NOT_FOUND', 'DUPLICATE_NAME', 'TOO_DEEP'],
  example: {
    request: { name: 'Sales', parentId: '1245640257345455489' },
    answer: { data: { id: '1245640257345455490' } },
  },
})

/** org.md 1. */
export const updateDepartment = endpoint({
  name: 'updateDepartment',
  method: 'PUT',
  path: `${ose}/departments/{department_id}`,
  tag: 'Departments',
  summary: 'Rename or move a department',
  caller: 'admin',
  params: fields(departmentId),
  body: fields({ name: departmentName, parentId: Type.String({ description: 'Parent department', maxLength: 100 }) }),
  answer: fields({}),
  errors: ['NOT_AN_ADMINISTRATOR', 'NOT_FOUND', 'DUPLICATE_NAME', 'TOO_DEEP', 'NESTED_DIRECTORIES'],
})

/** org.md 1. */
export const deleteDepartment = endpoint({
  name: 'deleteDepartment',
  method: 'DELETE',
  path: `${ose}/departments/{department_id}`,
  tag: 'Departments',
  summary: 'Delete an empty department',
  caller: 'admin',
  params: fields(departmentId),
  answer: fields({}),
  errors: ['NOT_AN_ADMINISTRATOR', 'NOT_FOUND', 'DEPARTMENT_NOT_EMPTY', 'NOT_PERMITTED'],
})

/** org.md 2. */
export const listPeople = endpoint({
  name: 'listPeople',
  method: 'GET',
  path: `${ose}/userList`,
  tag: 'People',
  summary: 'People of a department or of the organisation',
  caller: 'user',
  isRead: true,
  query: fields({
    deptId: optional(id('Department; absent for the whole organisation')),
    isDirect: optional(flag('Only people directly in that department')),
    offset,
    limit,
    keyWord: optional(text('Part of the name or account', 100)),
  }),
  answer: fields({ list: list('People', userInfo, 100), total: outInteger('People that match') }),
  errors: ['NOT_FOUND'],
})

const accountName = Type.String({
  description: 'Account name: letters, digits, `.`, `_`, `-`, `@`',
  pattern: '^[0-9A-Za-z._@-]+$',
  minLength: 1,
  maxLength: 64,
})
const password = Type.String({ description: 'Password, at least 8 characters', minLength: 8, maxLength: 200 })
const personName = Type.String({ description: 'Name', minLength: 1, maxLength: 64 })
const role = choice('0 department administrator, 1 ordinary user, 2 system administrator', [0, 1, 2])
const mobile = Type.String({ description: 'Mobile number', pattern: '^\\+?[0-9 -]{0,24}$', maxLength: 25 })
const email = Type.String({ description: 'E-mail', pattern: '^([^@\\s]+@[^@\\s]+)?$', maxLength: 200 })

const person = object('A person, as the administrator sees one', {
  id: out('User id'),
  account: out('Account name'),
  name: out('Name'),
  deptId: out('Department id'),
  deptName: out('Department name'),
  role: outInteger('0 department administrator, 1 ordinary user, 2 system administrator'),
  status: outInteger('0 enabled, 1 disabled'),
  mobile: out('Mobile number'),
  email: out('E-mail'),
  containerId: out('Personal space'),
  createTime: out('ISO 8601 UTC'),
})

/** Ours: people are made here, not in an identity service of the vendor. */
export const createUser = endpoint({
  name: 'createUser',
  method: 'POST',
  path: '/api/v1/users',
  tag: 'People',
  summary: 'Create a person with a personal space',
  caller: 'admin',
  body: fields({
    account: accountName,
    name: personName,
    password,
    deptId: optional(id('Department; the root department when absent')),
    role: optional(role),
    mobile: optional(mobile),
    email: optional(email),
  }),
  answer: fields({ data: object('The person', { id: out('User id') }) }),
  errors: ['NOT_AN_ADMINISTRATOR', 'DUPLICATE_NAME', 'NOT_FOUND'],
  example: {
    request: { account: 'ada', name: 'Ada Lovelace', password: 'analytical engine' },
    answer: { data: { id: '1505084218764547201' } },
  },
})

/** Ours. */
export const listUsers = endpoint({
  name: 'listUsers',
  method: 'GET',
  path: '/api/v1/users',
  tag: 'People',
  summary: 'All people, by account, page by page',
  caller: 'admin',
  isRead: true,
  query: fields({
    pageSize,
    pageCursor: optional(pageCursor),
    keyWord: optional(text('Start of the account, or part of the name', 100)),
    deptId: optional(id('Only this department and those below')),
  }),
  answer: fields({ users: list('People', person, 100), nextCursor }),
  errors: ['NOT_AN_ADMINISTRATOR', 'CURSOR_INVALID', 'NOT_FOUND'],
})

/** Ours. */
export const updateUser = endpoint({
  name: 'updateUser',
  method: 'PATCH',
  path: '/api/v1/users/{userId}',
  tag: 'People',
  summary: 'Change, disable, move a person, or set a new password',
  description: 'Absent fields stay. Disabling, or a new password, ends every session of the person.',
  caller: 'admin',
  params: fields({ userId: id('User id') }),
  body: fields({
    name: optional(personName),
    password: optional(password),
    deptId: optional(id('Department')),
    role: optional(role),
    status: optional(choice('0 enabled, 1 disabled', [0, 1])),
    mobile: optional(mobile),
    email: optional(email),
    capacity: optional(integer('Size of the personal space in GB', 1, 104_857_600)),
  }),
  answer: fields({}),
  errors: ['NOT_AN_ADMINISTRATOR', 'NOT_FOUND', 'NOT_PERMITTED', 'INSUFFICIENT_SPACE'],
})

const importRow = object('One line of the list', {
  account: optional(Type.String({ maxLength: 300 })),
  name: optional(Type.String({ maxLength: 300 })),
  password: optional(Type.String({ maxLength: 300 })),
  department: optional(
    Type.String({ description: 'Path of names below the root, such as `Sales/North`', maxLength: 300 }),
  ),
  role: optional(Type.String({ maxLength: 20 })),
  mobile: optional(Type.String({ maxLength: 100 })),
  email: optional(Type.String({ maxLength: 300 })),
})

/** Ours: the import of people and departments. */
export const importUsers = endpoint({
  name: 'importUsers',
  method: 'POST',
  path: '/api/v1/users/import',
  tag: 'People',
  summary: 'Import people and departments, with a preview',
  description:
    'Each row is judged by itself: rows with an error change nothing, the others go through. Departments named by a path are made when they are missing. With `preview` nothing is written. A row without a password gets one, shown once in its outcome.',
  caller: 'admin',
  body: fields({ preview: optional(flag('Only say what would happen')), rows: list('Rows', importRow, 1000, 1) }),
  answer: fields({
    data: object('What happened, or would', {
      created: outInteger('People made'),
      updated: outInteger('People changed'),
      unchanged: outInteger('People found as they should be'),
      failed: outInteger('Rows with an error'),
      departments: list('Departments made, as paths', Type.String()),
      rows: list(
        'One entry per row',
        object('Outcome of a row', {
          row: outInteger('Number of the row, from 1'),
          outcome: out('created, updated, unchanged or failed'),
          id: optional(out('User id')),
          password: optional(out('The password that was made, shown this once')),
          field: optional(out('Field in error')),
          reason: optional(out('What is wrong with it')),
        }),
      ),
    }),
  }),
  errors: ['NOT_AN_ADMINISTRATOR'],
})

const groupName = Type.String({
  description: 'Name',
  minLength: 1,
  maxLength: 30,
  pattern: '^[^<>|:"*?/\\\\\\u0000-\\u001f]+$',
})
const sourceType = choice('0 group, 1 user group', [0, 1])

/** org.md 3. */
export const createGroup = endpoint({
  name: 'createGroup',
  method: 'POST',
  path: `${ose}/usergroups`,
  tag: 'User groups',
  summary: 'Create a user group',
  caller: 'user',
  body: fields({ groupName, sourceType }),
  answer: fields({ id: out('Group id') }),
  errors: ['DUPLICATE_NAME', 'LIMIT_REACHED'],
  example: { request: { groupName: 'Reviewers', sourceType: 1 }, answer: { id: '1407237551361847809' } },
})

/** org.md 3. */
export const listGroups = endpoint({
  name: 'listGroups',
  method: 'GET',
  path: `${ose}/usergroups`,
  tag: 'User groups',
  summary: 'User groups of the caller',
  caller: 'user',
  isRead: true,
  query: fields({
    pageSize,
    pageCursor: optional(pageCursor),
    groupName: optional(text('Part of the name', 100)),
    sourceType,
  }),
  answer: fields({
    userGroupList: list(
      'Groups',
      object('A group', {
        id: out('Group id'),
        groupName: out('Name'),
        ownerId: out('User id'),
        createdTime: out('ISO 8601 UTC'),
        updatedTime: out('ISO 8601 UTC'),
      }),
    ),
    nextCursor,
    total: outInteger('Groups that match'),
  }),
  errors: ['CURSOR_INVALID'],
})

const groupId = { groupId: id('Group id') }

/** org.md 3. */
export const listGroupMembers = endpoint({
  name: 'listGroupMembers',
  method: 'GET',
  path: `${ose}/usergroups/{groupId}/members`,
  tag: 'User groups',
  summary: 'Members of a user group',
  caller: 'user',
  isRead: true,
  params: fields(groupId),
  query: fields({ offset, limit, keyWord: optional(text('Part of the name', 100)) }),
  answer: fields({
    total: outInteger('Members that match'),
    userGroupMemberInfos: list(
      'Members',
      object('A member', {
        userId: out('User id'),
        userName: out('Name'),
        deptId: out('Department id'),
        deptName: out('Department name'),
        mobile: out('Masked mobile number'),
        createdTime: out('ISO 8601 UTC'),
        updatedTime: out('ISO 8601 UTC'),
      }),
    ),
  }),
  errors: ['NOT_FOUND'],
})

const memberList = fields({
  amendModRoles: optional(list('Members', object('A member', { userId: id('User id') }), 200)),
  userIds: optional(list('Members, as older editions send them', id('User id'), 200)),
})
const memberAnswer = fields({
  status: outInteger('0 all succeeded, 1 some, 2 none'),
  failedList: Type.Array(Type.String(), { description: 'Users that failed' }),
})

/** org.md 3. */
export const addGroupMembers = endpoint({
  name: 'addGroupMembers',
  method: 'POST',
  path: `${ose}/usergroups/{groupId}/members/batchAdd`,
  tag: 'User groups',
  summary: 'Add members to a user group',
  caller: 'user',
  params: fields(groupId),
  body: memberList,
  answer: memberAnswer,
  errors: ['NOT_FOUND', 'LIMIT_REACHED'],
})

/** org.md 3. */
export const removeGroupMembers = endpoint({
  name: 'removeGroupMembers',
  method: 'POST',
  path: `${ose}/usergroups/{groupId}/members/batchDelete`,
  tag: 'User groups',
  summary: 'Remove members from a user group',
  caller: 'user',
  params: fields(groupId),
  body: memberList,
  answer: memberAnswer,
  errors: ['NOT_FOUND'],
})

const appInfo = {
  appId: out('App id, 64 hex digits'),
  name: out('Name'),
  createTime: out('ISO 8601 UTC'),
}

/** Ours: keys of the app signature (common.md 11.3). */
export const createApp = endpoint({
  name: 'createApp',
  method: 'POST',
  path: '/api/v1/apps',
  tag: 'Apps',
  summary: 'Register an app that signs its calls',
  description: 'The secret is shown in this answer only.',
  caller: 'admin',
  body: fields({ name: text('Name', 64) }),
  answer: fields({ data: object('The app', { ...appInfo, appSecret: out('Secret, 64 hex digits') }) }),
  errors: ['NOT_AN_ADMINISTRATOR'],
})

/** Ours. */
export const listApps = endpoint({
  name: 'listApps',
  method: 'GET',
  path: '/api/v1/apps',
  tag: 'Apps',
  summary: 'Registered apps',
  caller: 'admin',
  isRead: true,
  answer: fields({ apps: list('Apps', object('An app', appInfo)) }),
  errors: ['NOT_AN_ADMINISTRATOR'],
})

/** Ours. */
export const deleteApp = endpoint({
  name: 'deleteApp',
  method: 'DELETE',
  path: '/api/v1/apps/{appId}',
  tag: 'Apps',
  summary: 'Remove an app; its signatures stop working at once',
  caller: 'admin',
  params: fields({ appId: id('App id') }),
  answer: fields({}),
  errors: ['NOT_AN_ADMINISTRATOR', 'NOT_FOUND'],
})

export const directoryEndpoints = {
  listDepartments,
  getDepartment,
  createDepartment,
  updateDepartment,
  deleteDepartment,
  listPeople,
  createUser,
  listUsers,
  updateUser,
  importUsers,
  createGroup,
  listGroups,
  listGroupMembers,
  addGroupMembers,
  removeGroupMembers,
  createApp,
  listApps,
  deleteApp,
}
