const extensionsByType: Record<string, string> = {
  15: 'jpg jpeg jpe jfif png gif bmp webp tif tiff svg heic heif avif ico psd raw cr2 nef arw dng',
  20: 'mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp ts m2ts mts rm rmvb ogv vob',
  26: 'doc docx docm dot dotx dotm odt rtf wps',
  27: 'xls xlsx xlsm xlsb xlt xltx ods csv et',
  28: 'ppt pptx pptm pps ppsx pot potx odp dps key',
  30: 'mp3 wav flac aac m4a ogg oga opus wma amr aiff aif ape mid midi',
  35: 'zip rar 7z tar gz tgz bz2 tbz2 xz txz zst lz lzma cab iso jar war',
  40: 'exe msi apk aab ipa dmg pkg deb rpm appimage app xapk hap',
}

const typeByExtension = new Map(
  Object.entries(extensionsByType).flatMap(([type, extensions]) =>
    extensions.split(' ').map((extension) => [extension, type] as const),
  ),
)

/**
 * The vendor's kind of a file by the extension of its name (common.md 10.1): `15` image, `20` video, `26` Word, `27` Excel,
 * `28` PowerPoint, `30` audio, `35` archive, `40` application, `45` anything else.
 */
export function fileTypeOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return (dot > 0 && typeByExtension.get(name.slice(dot + 1).toLowerCase())) || '45'
}
