import { type AnswerOf, drive } from '../shared/drive.ts'

/** What a visitor may know of a link; with the files the server also tells the sharer's message, `comment`. */
export type LinkFacts = AnswerOf<'getShareInfo'>['link']

/** A file or folder inside an opened link. */
export type SharedItem = AnswerOf<'listShareFiles'>['files'][number]

/** The calls that open a link: the signed-in family and the public one have the same shape. */
export interface Door {
  isSignedIn: boolean
  visit: typeof drive.visitShare
  info: typeof drive.getShareInfo
  verify: typeof drive.verifyExtractCode
  list: typeof drive.listShareFiles
  download: typeof drive.downloadShareFile
}

const signedIn: Door = {
  isSignedIn: true,
  visit: drive.visitShare,
  info: drive.getShareInfo,
  verify: drive.verifyExtractCode,
  list: drive.listShareFiles,
  download: drive.downloadShareFile,
}

const anonymous: Door = {
  isSignedIn: false,
  visit: drive.visitSharePublic,
  info: drive.getShareInfoPublic,
  verify: drive.verifyExtractCodePublic,
  list: drive.listShareFilesPublic,
  download: drive.downloadShareFilePublic,
}

/** The family of calls for this visitor. */
export function doorFor(isSignedIn: boolean): Door {
  return isSignedIn ? signedIn : anonymous
}

/** The short code in a link's path: `/s/{shortUrl}`. */
export function shortUrlOf(pathname: string): string {
  const found = /^\/s\/([^/]+)/.exec(pathname)?.[1] ?? ''
  try {
    return decodeURIComponent(found)
  } catch {
    return found
  }
}

/** The access code in a fragment (`#code=…`), empty without one. */
export function codeInFragment(hash: string): string {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('code') ?? ''
  return cleanCode(code)
}

/** The access code in whatever was typed or pasted: what a message names as the code, else its letters and digits. */
export function cleanCode(text: string): string {
  const named = /(?:code|提取码|访问码)\s*[:：]\s*([0-9A-Za-z]{4,32})\s*$/im.exec(text)?.[1]
  return (named ?? text.replaceAll(/[^0-9A-Za-z]/g, '')).slice(0, 32)
}

const tokenKey = (shortUrl: string): string => `driveway.kdstoken.${shortUrl}`

/** The token of a code that was right before, in this tab. */
export function readToken(shortUrl: string): string | undefined {
  try {
    return sessionStorage.getItem(tokenKey(shortUrl)) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a token for this tab, so that a reload asks for no code again; undefined forgets it. */
export function keepToken(shortUrl: string, token: string | undefined): void {
  try {
    if (token === undefined) sessionStorage.removeItem(tokenKey(shortUrl))
    else sessionStorage.setItem(tokenKey(shortUrl), token)
  } catch {
    // Without storage the token lives as long as the page.
  }
}
