import { Button } from '@mantine/core'
import { RotateCcw, Trash2 } from 'lucide-react'
import { useTexts } from '../shared/use-texts.ts'
import { BarButton } from './BarButton.tsx'
import type { BinActs } from './BinPage.tsx'
import type { Question } from './ConfirmDialog.tsx'
import styles from './drive.module.css'
import { useDeeds } from './use-deeds.tsx'
import type { DriveFile } from './use-files.ts'

interface Props {
  chosen: DriveFile[]
  acts: BinActs
  onAsk: (question: Question) => void
}

/** What can be done with the chosen items of the bin, or with all of it. */
export function BinBar({ chosen, acts, onAsk }: Props) {
  const { t } = useTexts()
  const deeds = useDeeds()
  const ask = (): void =>
    onAsk({
      title: t('bin.emptyTitle'),
      text: t('bin.emptyQuestion'),
      action: t('bin.emptyAll'),
      run: () => deeds.mutate({ deed: 'empty', fileIds: [] }),
    })
  if (chosen.length === 0) {
    return (
      <div className={styles.selection}>
        <span className={styles.note}>{t('bin.note')}</span>
        <Button variant="default" loading={deeds.isPending} onClick={ask}>
          {t('bin.emptyAll')}
        </Button>
      </div>
    )
  }
  return (
    <div className={styles.selection} role="toolbar" aria-label={t('selection.label')}>
      <output className={styles.selectionCount}>{t('selection.count', { count: chosen.length })}</output>
      <BarButton icon={RotateCcw} text={t('bin.restore')} onClick={() => acts.restore(chosen)} />
      <BarButton isQuiet icon={Trash2} text={t('bin.purge')} onClick={() => acts.purge(chosen)} />
    </div>
  )
}
