import type { Endpoints, Input } from '@driveway/contract'
import type { Context } from '../../context.ts'
import type { ReceiverKind } from '../../db/schema.ts'
import { invalidField } from '../../errors.ts'
import { findExisting, findPeopleByMobile } from '../directory/directory.service.ts'

/** The receivers of a share by kind. */
export type Receivers = Record<ReceiverKind, string[]>

type Given = Pick<Input<Endpoints['createShare']>, 'scope' | 'deptIds' | 'groupIds' | 'userIds' | 'phoneNumbers'>

/** The receivers a share of scope 3 names (decision S7); none for other scopes. PARAMETER_INVALID with the field of what is not there. */
export async function requireReceivers(ctx: Context, input: Given): Promise<Receivers> {
  if (input.scope !== 3) return { department: [], group: [], user: [] }
  const { deptIds = [], groupIds = [], userIds = [], phoneNumbers = [] } = input
  if (deptIds.length + groupIds.length + userIds.length + phoneNumbers.length === 0) {
    throw invalidField('userIds', 'MISSING', 'a share of scope 3 needs at least one department, group or person')
  }
  requireAll(deptIds, 'deptIds', await findExisting(ctx, 'department', deptIds))
  requireAll(groupIds, 'groupIds', await findExisting(ctx, 'group', groupIds))
  requireAll(userIds, 'userIds', await findExisting(ctx, 'user', userIds))
  const byPhone = await findPeopleByMobile(ctx, phoneNumbers)
  const missing = phoneNumbers.findIndex((number) => !byPhone.has(number))
  if (missing >= 0) throw invalidField(`phoneNumbers[${missing}]`, 'NOT_ALLOWED', 'is nobody of the enterprise')
  const people = new Set([...userIds, ...byPhone.values()])
  if (people.size > 500)
    throw invalidField('userIds', 'TOO_MANY', 'with the phone numbers there are more than 500 people')
  return { department: deptIds, group: groupIds, user: [...people] }
}

function requireAll(ids: string[], field: string, existing: Set<string>): void {
  const missing = ids.findIndex((id) => !existing.has(id))
  if (missing >= 0) throw invalidField(`${field}[${missing}]`, 'NOT_ALLOWED', 'does not exist')
}
