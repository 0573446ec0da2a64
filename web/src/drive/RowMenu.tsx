import { ActionIcon, Menu } from '@mantine/core'
import { Download, EllipsisVertical, PencilLine, Share2, Trash2 } from 'lucide-react'
import { isFolder } from '../listing/listed-item.ts'
import { useTexts } from '../shared/use-texts.ts'
import type { Acts } from './FilesPage.tsx'
import type { DriveFile } from './use-files.ts'

/** Share at once, and the rest in a menu. */
export function RowMenu({ item, tabIndex, acts }: { item: DriveFile; tabIndex: number; acts: Acts }) {
  const { t } = useTexts()
  const name = item.fileName
  return (
    <>
      <ActionIcon
        visibleFrom="sm"
        tabIndex={tabIndex}
        aria-label={t('action.shareName', { name })}
        title={t('action.share')}
        onClick={() => acts.sharing.open([item])}
      >
        <Share2 size={18} />
      </ActionIcon>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon tabIndex={tabIndex} aria-label={t('action.moreFor', { name })}>
            <EllipsisVertical size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Share2 size={18} aria-hidden />} onClick={() => acts.sharing.open([item])}>
            {t('action.share')}
          </Menu.Item>
          {!isFolder(item) && (
            <Menu.Item leftSection={<Download size={18} aria-hidden />} onClick={() => acts.download([item])}>
              {t('action.download')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<PencilLine size={18} aria-hidden />} onClick={() => acts.naming.open({ item })}>
            {t('action.rename')}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Trash2 size={18} aria-hidden />} onClick={() => acts.remove([item])}>
            {t('action.toBin')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
