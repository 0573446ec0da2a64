import { foldName } from './drive-path.ts'

const reserved = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?$/i
const longest = 240

/**
 * A name that is one harmless component on every system: whatever it came as, it leads nowhere else. Separators, control and
 * direction characters and what Windows refuses become `_`; an empty or dotted name becomes `_` too.
 */
export function safeName(name: string): string {
  const cleaned = name
    .toWellFormed()
    // oxlint-disable-next-line eslint/no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]/g, '_')
    .replace(/^ +/, '')
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length))
  if (cleaned === '' || reserved.test(cleaned)) return `_${cleaned}`
  return shorten(cleaned)
}

// File systems count bytes: 255 for a name, less what a download adds while it runs.
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name
  const dot = name.lastIndexOf('.')
  const suffix = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 20 ? name.slice(dot) : ''
  let stem = ''
  for (const character of name) {
    if (Buffer.byteLength(stem + character + suffix) > longest) break
    stem += character
  }
  return stem + suffix
}

/** Gives every entry of a folder a name of its own, also where case does not count and while downloads have their `.part`. */
export function createNamer(): (name: string) => string {
  const taken = new Set<string>()
  return (name) => {
    const wanted = safeName(name)
    const dot = wanted.lastIndexOf('.')
    const [stem, suffix] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, '']
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? wanted : `${stem} (${number})${suffix}`
      const forms = [candidate, `${candidate}.part`, `${candidate}.part.json`].map(foldName)
      if (forms.some((form) => taken.has(form))) continue
      for (const form of forms) taken.add(form)
      return candidate
    }
  }
}
