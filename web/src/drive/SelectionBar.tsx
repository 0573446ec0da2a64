import { ActionIcon } from '@mantine/core'
import { Download, Share2, Trash2, X } from 'lucide-react'
import { isFolder } from '../listing/listed-item.ts'
import { useTexts } from '../shared/use-texts.ts'
import { BarButton } from './BarButton.tsx'
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
        <BarButton icon={Share2} text={t('action.share')} onClick={() => acts.sharing.open(chosen)} />
      ) : (
        <span>{t('selection.tooMany', { count: mostItems })}</span>
      )}
      {isFew && !chosen.some(isFolder) && (
        <BarButton isQuiet icon={Download} text={t('action.download')} onClick={() => acts.download(chosen)} />
      )}
      <BarButton isQuiet icon={Trash2} text={t('action.toBin')} onClick={() => acts.remove(chosen)} />
    </div>
  )
}
