import {
  File,
  FileArchive,
  FileAudio,
  FileCode,
  FileImage,
  FileSpreadsheet,
  FileText,
  FileVideo,
  Folder,
  type LucideIcon,
  Presentation,
} from 'lucide-react'
import { isFolder, type ListedItem } from './listed-item.ts'
import styles from './listing.module.css'

const kinds: { icon: LucideIcon; tint: string; suffixes: string }[] = [
  { icon: FileText, tint: 'red', suffixes: 'pdf' },
  { icon: FileText, tint: 'blue', suffixes: 'doc docx odt rtf txt md pages wps' },
  { icon: FileSpreadsheet, tint: 'green', suffixes: 'xls xlsx ods csv tsv numbers et' },
  { icon: Presentation, tint: 'amber', suffixes: 'ppt pptx odp key dps' },
  { icon: FileImage, tint: 'violet', suffixes: 'png jpg jpeg gif webp svg bmp tif tiff heic avif ico psd' },
  { icon: FileVideo, tint: 'violet', suffixes: 'mp4 mov mkv webm avi m4v wmv flv' },
  { icon: FileAudio, tint: 'violet', suffixes: 'mp3 wav flac m4a ogg opus aac wma' },
  { icon: FileArchive, tint: 'amber', suffixes: 'zip 7z rar tar gz tgz bz2 xz zst' },
  {
    icon: FileCode,
    tint: 'blue',
    suffixes: 'js ts tsx jsx json html css py java c cpp h go rs rb php sh yml yaml xml sql toml',
  },
]

/** The picture of a file's kind; names say the rest. */
export function FileIcon({ item }: { item: ListedItem }) {
  if (isFolder(item)) return <Folder className={styles.icon} data-tint="folder" aria-hidden />
  const suffix = item.fileSuffix.toLowerCase()
  const kind = kinds.find(({ suffixes }) => suffixes.split(' ').includes(suffix))
  const Icon = kind?.icon ?? File
  return <Icon className={styles.icon} data-tint={kind?.tint ?? 'plain'} aria-hidden />
}
