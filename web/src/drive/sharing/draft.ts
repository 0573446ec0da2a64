import { drive } from '../../shared/drive.ts'
import { isCode, makeCode } from './code.ts'

/** Whom a link is for: everybody with it, the organisation, or named receivers. */
export type Scope = 1 | 2 | 3

/** What a named receiver is. */
export type ReceiverKind = 'department' | 'group' | 'person'

/** A named receiver. */
export interface Receiver {
  kind: ReceiverKind
  id: string
  name: string
}

/** A link as it will be made. */
export interface Draft {
  scope: Scope
  receivers: Receiver[]
  mayDownload: boolean
  hasCode: boolean
  code: string
  validDays: number
  message: string
}

/** The periods a link can live for, in days. */
export const periods = [1, 7, 30, 90, 365]

/** A draft with the defaults: anyone with the link and its code, for a week. */
export function newDraft(): Draft {
  return {
    scope: 1,
    receivers: [],
    mayDownload: true,
    hasCode: true,
    code: makeCode(),
    validDays: 7,
    message: '',
  }
}

/** What keeps a draft from becoming a link, null when nothing does. */
export function draftProblem(draft: Draft): 'noReceiver' | 'badCode' | null {
  if (draft.scope === 3 && draft.receivers.length === 0) return 'noReceiver'
  return draft.hasCode && !isCode(draft.code) ? 'badCode' : null
}

/** Makes the link of a draft; the same `key` never makes a second one. */
export async function makeLink(draft: Draft, containerId: string, fileIds: string[], key: string) {
  const idsOf = (kind: ReceiverKind): string[] =>
    draft.receivers.filter((receiver) => receiver.kind === kind).map(({ id }) => id)
  const receivers =
    draft.scope === 3 ? { deptIds: idsOf('department'), groupIds: idsOf('group'), userIds: idsOf('person') } : {}
  const { shareLink } = await drive.createShare(
    {
      scope: draft.scope,
      ...receivers,
      fileIds,
      containerId,
      permission: { preview: true, edit: false, download: draft.mayDownload },
      ...(draft.hasCode ? { extractCode: draft.code } : {}),
      validDays: draft.validDays,
      comment: draft.message,
    },
    { idempotencyKey: key },
  )
  return shareLink
}

/** A link that was made. */
export type MadeLink = Awaited<ReturnType<typeof makeLink>>
