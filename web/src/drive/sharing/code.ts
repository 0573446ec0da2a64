// Letters and digits that nobody mistakes for others when reading them out.
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** A random access code of eight characters without look-alikes. */
export function makeCode(): string {
  const usable = 256 - (256 % alphabet.length)
  let code = ''
  while (code.length < 8) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      if (byte < usable && code.length < 8) code += alphabet[byte % alphabet.length] ?? ''
    }
  }
  return code
}

/** Whether the server takes an access code (decision S4). */
export function isCode(code: string): boolean {
  return /^[0-9A-Za-z]{4,32}$/.test(code)
}

/** A link that opens without asking for the code: the code goes into the fragment, which reaches no server. */
export function linkWithCode(linkUrl: string, code: string): string {
  return `${linkUrl}#code=${code}`
}
