import { preparePages, servePages } from './pages.ts'

// The limit `json`: the page as one JSON text made inside SQLite. It gives no cursor, so it is asked for whole folders only.
const object = `json_object('id', id, 'fileName', name, 'fileType', file_type, 'mimeType', mime_type,
  'parentFolder', json_array(parent_id), 'fileSuffix', suffix, 'size', size, 'containers', json_array(space_id),
  'createdTime', created_at, 'editedTime', edited_at)`
const columns = 'id, name, file_type, mime_type, parent_id, suffix, size, space_id, created_at, edited_at'

servePages((database, link) => {
  const readPage = preparePages(
    database,
    (rest) => `select json_group_array(${object}) as files from (select ${columns}, ${rest})`,
  )
  return (page) => `{"code":0,"msg":"OK","link":${link},"files":${String(readPage(page)[0]?.['files'])}}`
})
