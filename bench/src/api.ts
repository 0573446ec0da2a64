import { adminPassword } from './product.ts'

/** The base path of the vendor's API. */
export const ose = '/koodrive/ose/v1'

/** A signed-in administrator of the product under test. */
export interface Session {
  port: number
  authorization: string
  containerId: string
}

type Json = Record<string, unknown>

/** Calls the product; throws unless it answers HTTP 200. */
export async function callProduct(
  { port, authorization }: Pick<Session, 'port'> & Partial<Session>,
  method: string,
  path: string,
  body?: Json,
): Promise<Json> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(authorization && { authorization }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${method} ${path}: HTTP ${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text) as Json
}

/** Signs the first administrator in and finds the personal space. */
export async function signIn(port: number): Promise<Session> {
  const body = { account: 'admin', authType: '1', password: adminPassword }
  const login = (await callProduct({ port }, 'POST', `${ose}/auth/login`, body)) as {
    data: { userInfo: { userId: string }; sessionInfo: { accessToken: string } }
  }
  const authorization = `Bearer ${login.data.sessionInfo.accessToken}`
  const path = `${ose}/space/${login.data.userInfo.userId}?type=1`
  const space = (await callProduct({ port, authorization }, 'GET', path)) as { data: { containerId: string } }
  return { port, authorization, containerId: space.data.containerId }
}

/** Creates a folder and returns its id. */
export async function createFolder(session: Session, fileName: string, parent = 'root'): Promise<string> {
  const { containerId } = session
  const body = { fileName, fileType: '10', containerId, parentFolder: [parent], renameMode: 3 }
  return (await callProduct(session, 'POST', `${ose}/directory`, body))['id'] as string
}

/** A link as its maker knows it. */
export interface Link {
  shareId: string
  shortUrl: string
  extractCode: string
}

/** Shares one item with everybody who has the link. */
export async function createLink(session: Session, fileId: string, extractCode = ''): Promise<Link> {
  const { containerId } = session
  const body = { scope: 1, fileIds: [fileId], containerId, validDays: 30, ...(extractCode && { extractCode }) }
  const answer = (await callProduct(session, 'POST', `${ose}/share`, body)) as { shareLink: Link }
  return { shareId: answer.shareLink.shareId, shortUrl: answer.shareLink.shortUrl, extractCode }
}

/** Trades the access code of a link for a visitor's token. */
export async function openLink(port: number, { shortUrl, extractCode }: Link): Promise<string> {
  const answer = await callProduct({ port }, 'POST', `${ose}/share/public/verify`, { shortUrl, extractCode })
  return answer['kdstoken'] as string
}

/** The path and query of the address that downloads one file of an opened link. */
export async function findDownloadPath(port: number, link: Link, fileId: string, kdstoken: string): Promise<string> {
  const body = { shareId: link.shareId, fileId, kdstoken }
  const answer = await callProduct({ port }, 'POST', `${ose}/share/public/download`, body)
  const url = new URL(answer['downloadUrl'] as string, 'http://127.0.0.1')
  return `${url.pathname}${url.search}`
}
