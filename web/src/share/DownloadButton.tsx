import { ActionIcon } from '@mantine/core'
import { Download } from 'lucide-react'
import { useTexts } from '../shared/use-texts.ts'
import type { SharedItem } from './door.ts'
import type { useDownload } from './use-share-files.ts'

interface Props {
  item: SharedItem
  tabIndex: number
  download: ReturnType<typeof useDownload>
}

/** Downloads one file of a link. */
export function DownloadButton({ item, tabIndex, download }: Props) {
  const { t } = useTexts()
  return (
    <ActionIcon
      color="pine"
      tabIndex={tabIndex}
      aria-label={t('action.downloadName', { name: item.fileName })}
      title={t('action.download')}
      loading={download.isPending && download.variables === item.id}
      onClick={() => download.mutate(item.id)}
    >
      <Download size={20} />
    </ActionIcon>
  )
}
