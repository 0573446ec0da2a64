import { DriveError } from './errors.ts'
import { isSigned, sign } from './secrets.ts'

/** The place a list goes on from: the sort value and the id of the last row, and for two-part lists which part. */
export interface Place {
  value: string | number
  id: string
  part?: number
}

/** A cursor that is good only for the list it was made for (decision W10). `list` names the query: folder, order, filter. */
export function writeCursor(key: Buffer, list: string, place: Place): string {
  const body = Buffer.from(JSON.stringify([place.value, place.id, place.part ?? 0])).toString('base64url')
  return `${body}.${sign(key, `${list}\n${body}`, 'base64url')}`
}

/** Reads a cursor of the same list; undefined stands for the first page. Throws CURSOR_INVALID, naming `field`, for any other text. */
export function readCursor(
  key: Buffer,
  list: string,
  cursor: string | undefined,
  field = 'pageCursor',
): Place | undefined {
  if (cursor === undefined || cursor === '' || cursor === '0') return undefined
  const [body = '', signature = '', ...rest] = cursor.split('.')
  if (rest.length > 0 || !isSigned(key, `${list}\n${body}`, signature, 'base64url')) {
    throw new DriveError('CURSOR_INVALID', { field })
  }
  const [value, id, part] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [
    string | number,
    string,
    number,
  ]
  return { value, id, part }
}
