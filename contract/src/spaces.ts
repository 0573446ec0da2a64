import { endpoint } from './endpoint.ts'
import { choice, fields, id, list, optional, ose } from './fields.ts'
import { spaceInfo } from './objects.ts'

const type = optional(choice('0 department, 1 personal, 2 group', [0, 1, 2], { default: 1 }))

/** files.md 12. */
export const getSpace = endpoint({
  name: 'getSpace',
  method: 'GET',
  path: `${ose}/space/{ownerId}`,
  tag: 'Spaces',
  summary: 'A space by its owner',
  caller: 'user',
  isRead: true,
  params: fields({ ownerId: id('User, department or group id') }),
  query: fields({ type, containerId: optional(id('Space id')) }),
  answer: fields({ data: spaceInfo }),
  errors: ['SPACE_NOT_ACCESSIBLE'],
})

/** files.md 12, second version. */
export const listSpaces = endpoint({
  name: 'listSpaces',
  method: 'GET',
  path: '/koodrive/ose/v2/space/{owner_id}',
  tag: 'Spaces',
  summary: 'All spaces of an owner',
  caller: 'user',
  isRead: true,
  params: fields({ owner_id: id('User, department or group id') }),
  query: fields({ type }),
  answer: fields({ data: list('Spaces', spaceInfo) }),
  errors: ['SPACE_NOT_ACCESSIBLE'],
})

export const spaceEndpoints = { getSpace, listSpaces }
