import { Button, Menu } from '@mantine/core'
import { FileUp, FolderPlus, FolderUp, Upload } from 'lucide-react'
import { type ChangeEvent, useRef } from 'react'
import { useTexts } from '../../shared/use-texts.ts'
import { useSpace } from '../space.tsx'
import { wantedOfInput } from './entries.ts'
import { useUploadQueue } from './UploadProvider.tsx'

/** New folder, and upload of files or of a whole folder. */
export function UploadMenu({ folderId, onNewFolder }: { folderId: string; onNewFolder: () => void }) {
  const { t } = useTexts()
  const { containerId } = useSpace()
  const queue = useUploadQueue()
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
    queue.add(wantedOfInput(currentTarget.files ?? []), { containerId, folderId })
    currentTarget.value = ''
  }
  return (
    <>
      <Button variant="default" leftSection={<FolderPlus size={18} aria-hidden />} onClick={onNewFolder}>
        {t('files.newFolder')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<Upload size={18} aria-hidden />}>{t('upload.button')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<FileUp size={18} aria-hidden />} onClick={() => files.current?.click()}>
            {t('upload.files')}
          </Menu.Item>
          <Menu.Item leftSection={<FolderUp size={18} aria-hidden />} onClick={() => folder.current?.click()}>
            {t('upload.folder')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <input ref={files} type="file" multiple hidden aria-label={t('upload.files')} onChange={take} />
      <input ref={folder} type="file" webkitdirectory="" hidden aria-label={t('upload.folder')} onChange={take} />
    </>
  )
}
