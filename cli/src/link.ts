import { UserError } from './user-error.ts'

/** A link taken apart. */
export interface ShareLink {
  server: string
  shortUrl: string
}

/** Reads a link of this product (`…/s/CODE`), or one in the vendor's form (`…/cloudfile/#/sharelink/i/CODE`). */
export function readLink(text: string): ShareLink {
  const trimmed = text.trim()
  const match =
    /^(https?:\/\/[^#?]*?)\/s\/([0-9A-Za-z]{1,100})\/?(?:[#?].*)?$/i.exec(trimmed) ??
    /^(https?:\/\/[^#?]*?)\/cloudfile\/?(?:[^#]*)#\/sharelink\/i\/([0-9A-Za-z]{1,100})\b/i.exec(trimmed)
  const [, server, shortUrl] = match ?? []
  if (!server || !shortUrl || !URL.canParse(server)) {
    throw new UserError(`"${trimmed}" is no link of a share; one looks like https://drive.example.com/s/h2Rk0nGd8V…`, 2)
  }
  const { origin, pathname } = new URL(server)
  return { server: origin + pathname.replace(/\/+$/, ''), shortUrl }
}
