import { UserError } from './user-error.ts'

/**
 * Reads a table as RFC 4180 has it, with a header row: one record per row, by lower-case heading. Commas, semicolons or tabs
 * may separate (the header tells which); a byte order mark and blank lines are skipped.
 */
export function readCsv(text: string): Record<string, string>[] {
  const clean = text.replace(/^\ufeff/, '')
  const headerLine = clean.slice(0, clean.search(/[\r\n]|$/))
  const separator =
    [',', ';', '\t'].toSorted((a, b) => headerLine.split(b).length - headerLine.split(a).length)[0] ?? ','
  const [header, ...rows] = readRows(clean, separator).filter((row) => row.some((field) => field.trim() !== ''))
  if (!header) throw new UserError('The file is empty.')
  const names = header.map((name) => name.trim().toLowerCase())
  return rows.map((row) => Object.fromEntries(names.map((name, column) => [name, (row[column] ?? '').trim()])))
}

function readRows(text: string, separator: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  // A field in quotes, in which quotes are doubled, or anything up to the next separator; then what ends it.
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r\\n|\\n|\\r|$)`, 'y')
  while (field.lastIndex <= text.length) {
    const start = field.lastIndex
    const match = field.exec(text)
    if (!match) throw new UserError(`Row ${rows.length + 1} has a quotation mark in the wrong place.`)
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] !== separator) {
      rows.push(row)
      row = []
    }
    if (match[3] === '' || start === text.length) break
  }
  return rows
}

/** The text of a file people saved from a spreadsheet: UTF-8, UTF-16 with its mark, or else GB 18030. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}
