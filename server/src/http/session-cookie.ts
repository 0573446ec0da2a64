/** The cookie of the web application; `undefined` clears it. */
export function sessionCookie(token: string | undefined, isSecure: boolean): string {
  const life = token === undefined ? 'Max-Age=0' : 'Max-Age=2592000'
  return `Authorization=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict; ${life}${isSecure ? '; Secure' : ''}`
}
