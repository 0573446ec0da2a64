import { readFile } from 'node:fs/promises'
import type { Drive } from '@driveway/sdk'
import { connect, type ServerOptions } from './connect.ts'
import { decodeText, readCsv } from './csv.ts'
import { count, plain, print, printJson, printTable } from './output.ts'
import { UserError } from './user-error.ts'

type Outcome = Awaited<ReturnType<Drive['importUsers']>>['data']
type Report = Omit<Outcome, 'rows'> & { rows: (Outcome['rows'][number] & { account: string })[] }

const columns = ['account', 'name', 'password', 'department', 'role', 'mobile', 'email']
const rowsPerCall = 1000

/** `driveway import`: people and departments from a table; says what became of every row, and rejects when some failed. */
export async function importPeople(
  file: string,
  options: ServerOptions & { preview?: boolean; json?: boolean },
): Promise<void> {
  const rows = readPeople(decodeText(await readFile(file)))
  const { drive, close } = await connect(options)
  const isPreview = options.preview ?? false
  const report: Report = { created: 0, updated: 0, unchanged: 0, failed: 0, departments: [], rows: [] }
  for (let start = 0; start < rows.length; start += rowsPerCall) {
    const chunk = rows.slice(start, start + rowsPerCall)
    const { data } = await drive.importUsers({ rows: chunk, preview: isPreview })
    addOutcome(report, data, start, rows)
  }
  await close()
  if (options.json) printJson(report)
  else printReport(report, isPreview)
  if (report.failed > 0) {
    throw new UserError(
      `${count(report.failed, 'row')} failed. Put them right and import the file again: the others stay as they are.`,
    )
  }
}

function readPeople(text: string): Record<string, string>[] {
  const rows = readCsv(text)
  const headings = Object.keys(rows[0] ?? {})
  if (rows.length === 0) throw new UserError('The file has a header row and nothing below it.')
  if (!headings.includes('account')) {
    throw new UserError(`The first row must name the columns, "account" among them: ${columns.join(',')}`)
  }
  const unknown = headings.filter((heading) => heading !== '' && !columns.includes(heading))
  if (unknown.length > 0) {
    throw new UserError(`The column "${unknown[0]}" is not known. These are: ${columns.join(', ')}`)
  }
  return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? ''])))
}

function addOutcome(report: Report, data: Outcome, start: number, rows: Record<string, string>[]): void {
  for (const key of ['created', 'updated', 'unchanged', 'failed'] as const) report[key] += data[key]
  report.departments = [...new Set([...report.departments, ...data.departments])]
  for (const outcome of data.rows) {
    const row = start + outcome.row
    report.rows.push({ ...outcome, row, account: rows[row - 1]?.['account'] ?? '' })
  }
}

function printReport(report: Report, isPreview: boolean): void {
  const described = report.rows.map(({ row, account, outcome, password, field, reason }) => {
    const remark = outcome === 'failed' ? `${field ?? ''} ${reason ?? ''}` : password ? `password ${password}` : ''
    return [String(row), outcome, account, remark]
  })
  printTable(['ROW', 'OUTCOME', 'ACCOUNT', ''], described)
  print()
  if (report.departments.length > 0) print(`New departments: ${report.departments.map(plain).join(', ')}`)
  const { created, updated, unchanged, failed } = report
  const text = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed.`
  print(isPreview ? `This would happen: ${text} Nothing was written.` : text)
}
