export { type DownloadOptions, downloadTo } from './download.ts'
export { openFileSource } from './file-source.ts'
