import { extname } from 'node:path/posix'
import { lookup } from 'mime-types'
import { invalidField } from './errors.ts'

const forbidden = /[<>|:"*?/\\\p{Cc}\u2028\u2029]/u

/** A name in its kept form (NFC). Throws PARAMETER_INVALID when a file or folder may not have it (decision F7). */
export function requireName(name: string, field: string): string {
  const kept = name.normalize('NFC')
  if (forbidden.test(kept))
    throw invalidField(field, 'MALFORMED', 'must not have < > | : " * ? / \\ or control characters')
  if (kept === '.' || kept === '..') throw invalidField(field, 'MALFORMED', 'must not be . or ..')
  if (/^\s|\s$/u.test(kept)) throw invalidField(field, 'MALFORMED', 'must not begin or end with a blank')
  if (Array.from(kept).length > 250) throw invalidField(field, 'TOO_LONG', 'must have at most 250 characters')
  return kept
}

/** The form in which two names are the same name. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/**
 * Text whose binary order is the natural, case-insensitive order of names: each run of digits is led by `0` and a
 * character for its length, so that `file2` comes before `file10`.
 */
export function nameKey(name: string): string {
  return foldName(name).replaceAll(/\d+/g, (digits) => {
    const significant = digits.replace(/^0+(?=.)/, '')
    return `0${String.fromCharCode(0x21 + significant.length)}${significant}`
  })
}

/** The last extension without its dot, lower case; empty when there is none. */
export function suffixOf(name: string): string {
  return extname(name).slice(1).toLowerCase()
}

/** Everything after the first dot. */
export function fullSuffixOf(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1)
}

/** The content type a name suggests. */
export function mimeTypeOf(name: string): string {
  return lookup(name) || 'application/octet-stream'
}

/** The name with a timestamp before its extension, short enough to be kept: what a clash makes of it (decision F6). */
export function timestampedName(name: string, now: Date, attempt: number): string {
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const extension = extname(name)
  const tail = `_${stamp}${attempt > 0 ? `_${attempt}` : ''}${extension}`
  const stem = Array.from(name.slice(0, name.length - extension.length))
  const room = 250 - Array.from(tail).length
  return `${stem.slice(0, room).join('')}${tail}`
}

/** The folder type of the vendor. */
export const folderMimeType = 'application/vnd.huawei-apps.folder'
