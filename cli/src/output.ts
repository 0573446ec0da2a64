/** Text without anything a terminal would act on; names and messages come from elsewhere. */
export function plain(text: string): string {
  // oxlint-disable-next-line eslint/no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
}

/** Writes a line of result. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Writes a line to the person beside the results. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Writes a result for machines. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2))
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes as people read them: `0 B`, `1.5 MB`. */
export function formatSize(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}

/** A moment in local time, such as `Sat 28 Nov 2026, 10:00`. */
export function formatMoment(iso: string): string {
  const moment = new Date(iso)
  if (Number.isNaN(moment.getTime())) return plain(iso)
  const day = moment.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  return `${day.replaceAll(',', '')}, ${moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`
}

/** Rows under headings, columns aligned, the last one free. */
export function printTable(headings: string[], rows: string[][]): void {
  const cleaned = rows.map((row) => row.map(plain))
  const widths = headings.map((heading, column) =>
    Math.max(widthOf(heading), ...cleaned.map((row) => widthOf(row[column] ?? ''))),
  )
  for (const row of [headings, ...cleaned]) {
    print(
      row
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join('  ')
        .trimEnd(),
    )
  }
}

/** Columns a text takes on a terminal: East Asian characters take two. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1
  return width
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${number} ${number === 1 ? noun : plural}`
}
