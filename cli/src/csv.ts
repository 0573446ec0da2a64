import { CsvError, parse } from 'csv-parse/sync'
import { UserError } from './user-error.ts'

/**
 * Reads a table as RFC 4180 has it, with a header row: one record per row, by lower-case heading. Commas, semicolons or tabs
 * may separate (the header tells which); a byte order mark and blank lines are skipped.
 */
export function readCsv(text: string): Record<string, string>[] {
  const headerLine = text.slice(0, text.search(/[\r\n]|$/))
  const separator =
    [',', ';', '\t'].toSorted((a, b) => headerLine.split(b).length - headerLine.split(a).length)[0] ?? ','
  const [header, ...rows] = readRows(text, separator)
  if (!header) throw new UserError('The file is empty.')
  const names = header.map((name) => name.trim().toLowerCase())
  return rows.map((row) => Object.fromEntries(names.map((name, column) => [name, (row[column] ?? '').trim()])))
}

function readRows(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter,
      recordDelimiter: ['\r\n', '\n', '\r'],
      relaxColumnCount: true,
      skipEmptyLines: true,
      skipRecordsWithEmptyValues: true,
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new UserError(`Row ${Number(error['records'] ?? 0) + 1} has a quotation mark in the wrong place.`)
  }
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
