import { randomInt } from 'node:crypto'

// without characters that are taken for one another on paper
const characters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** A password of 20 characters with small and capital letters and digits (at least 115 bits). */
export function newPassword(): string {
  for (;;) {
    const password = Array.from({ length: 20 }, () => characters[randomInt(characters.length)]).join('')
    if (/[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password)) return password
  }
}
