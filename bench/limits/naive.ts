import { preparePages, servePages, writeCursor } from './pages.ts'

// The limit `naive`: the same rows as objects by node:sqlite, mapped to the wire's fields, JSON.stringify.
const columns = 'select id, name, file_type, mime_type, parent_id, suffix, size, space_id, created_at, edited_at'

servePages((database, linkText) => {
  const link = JSON.parse(linkText) as unknown
  const readRows = preparePages(database, (rest) => `${columns}, ${rest}`)
  return (page) => {
    const found = readRows({ ...page, pageSize: page.pageSize + 1 })
    const rows = found.slice(0, page.pageSize)
    const last = found.length > page.pageSize ? rows.at(-1) : undefined
    const files = rows.map((row) => ({
      id: row['id'],
      fileName: row['name'],
      fileType: row['file_type'],
      mimeType: row['mime_type'],
      parentFolder: [row['parent_id']],
      fileSuffix: row['suffix'],
      size: row['size'],
      containers: [row['space_id']],
      createdTime: row['created_at'],
      editedTime: row['edited_at'],
    }))
    const nextCursor = last && { nextCursor: writeCursor(last['sort_key'], last['id']) }
    return JSON.stringify({ code: 0, msg: 'OK', ...nextCursor, link, files })
  }
})
