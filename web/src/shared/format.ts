const dayMs = 86_400_000
const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
const formatters = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>()

function cached<T extends Intl.DateTimeFormat | Intl.NumberFormat>(key: string, make: () => T): T {
  const known = formatters.get(key)
  if (known) return known as T
  const made = make()
  formatters.set(key, made)
  return made
}

/** Bytes as people read them, in steps of 1024 with at most three digits: `1.4 MB`. */
export function formatSize(bytes: number, locale: string): string {
  let value = bytes
  let step = 0
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1024
    step += 1
  }
  const digits = step === 0 || value >= 100 ? 0 : 1
  const number = cached(
    `size ${locale} ${digits}`,
    () => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }),
  )
  return `${number.format(value)} ${units[step]}`
}

/** A count with the separators of the locale. */
export function formatCount(count: number, locale: string): string {
  return cached(`count ${locale}`, () => new Intl.NumberFormat(locale)).format(count)
}

/** A moment in the visitor's zone for lists: the time alone today, the day otherwise. */
export function formatShortMoment(iso: string, locale: string, now = new Date()): string {
  const moment = new Date(iso)
  const isToday = moment.toDateString() === now.toDateString()
  const isThisYear = moment.getFullYear() === now.getFullYear()
  if (isToday) return format(moment, locale, { hour: '2-digit', minute: '2-digit' })
  if (isThisYear) return format(moment, locale, { month: 'short', day: 'numeric' })
  return format(moment, locale, { year: 'numeric', month: 'short', day: 'numeric' })
}

/** A moment in the visitor's zone, in full: day, time and zone. */
export function formatMoment(iso: string | Date, locale: string): string {
  return format(new Date(iso), locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
}

/** Whole days until a moment, rounded up; 0 when it is past. */
export function daysUntil(iso: string, now = Date.now()): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / dayMs))
}

/** Seconds as a clock: `1:05`. */
export function formatClock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

function format(moment: Date, locale: string, options: Intl.DateTimeFormatOptions): string {
  return cached(locale + JSON.stringify(options), () => new Intl.DateTimeFormat(locale, options)).format(moment)
}
