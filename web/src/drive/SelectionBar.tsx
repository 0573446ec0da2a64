import { ActionIcon, Button } from '@mantine/core'
import { Download, Share2, Trash2, X } from 'lucide-react'
import { isFolder } from '../listing/listed-item.ts'
import { useTexts } from '../shared/use-texts.ts'
import styles from './drive.module.css'
import type { Acts } from './FilesPage.tsx'
import type { DriveFile } from './use-files.ts'

/** The most items one link or one download request may hold. */
const mostItems = 100

/** What can be done with the chosen rows. */
export function SelectionBar({ chosen, acts, onClear }: { chosen: DriveFile[]; acts: Acts; onClear: () => void }) {
  const { t } = useTexts()
  const isFew = chosen.length <= mostItems
  return (
    <div className={styles.selection} role="toolbar" aria-label={t('selection.label')}>
      <ActionIcon aria-label={t('selection.clear')} title={t('selection.clear')} onClick={onClear}>
        <X size={20} />
      </ActionIcon>
      <output className={styles.selectionCount}>{t('selection.count', { count: chosen.length })}</output>
      {isFew ? (
        <Button leftSection={<Share2 size={18} aria-hidden />} onClick={() => acts.sharing.open(chosen)}>
          {t('action.share')}
        </Button>
      ) : (
        <span>{t('selection.tooMany', { count: mostItems })}</span>
      )}
      {isFew && !chosen.some(isFolder) && (
        <Button
          variant="default"
          leftSection={<Download size={18} aria-hidden />}
          onClick={() => acts.download(chosen)}
        >
          {t('action.download')}
        </Button>
      )}
      <Button variant="default" leftSection={<Trash2 size={18} aria-hidden />} onClick={() => acts.remove(chosen)}>
        {t('action.toBin')}
      </Button>
    </div>
  )
}
