/** A mobile number in the form it is kept and compared in: digits, with `00` for a leading plus. */
export function keptMobile(text: string): string {
  return text.replaceAll(/[ -]/g, '').replace(/^\+/, '00')
}

const inChina = /^(?:0086|86)?(1[3-9]\d{9})$/

/** The forms under which the owner of a number may be kept: with or without the country code the vendor's clients leave out. */
export function mobileForms(text: string): string[] {
  const kept = keptMobile(text)
  const local = inChina.exec(kept)?.[1]
  return local === undefined ? [kept] : [local, `86${local}`, `0086${local}`]
}

/** A number as colleagues see it (org.md 2): `0086181****8439`. */
export function maskMobile(mobile: string): string {
  if (mobile.length >= 11) return `${mobile.slice(0, -8)}****${mobile.slice(-4)}`
  return mobile === '' ? '' : `****${mobile.slice(-2)}`
}
