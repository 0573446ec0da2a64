import { Progress } from '@mantine/core'
import { formatSize } from '../shared/format.ts'
import { useTexts } from '../shared/use-texts.ts'
import styles from './drive.module.css'
import { useSpace } from './space.tsx'

/** How full the space is. */
export function QuotaBar() {
  const { t, locale } = useTexts()
  const { capacity, spaceUsed } = useSpace()
  const total = capacity * 1024 ** 3
  const percent = total > 0 ? Math.min(100, (spaceUsed / total) * 100) : 0
  const words = t('quota.words', { used: formatSize(spaceUsed, locale), total: formatSize(total, locale) })
  return (
    <div className={styles.quota}>
      <Progress.Root size={6}>
        <Progress.Section
          value={Math.max(percent, spaceUsed > 0 ? 1 : 0)}
          color={percent >= 90 ? 'red' : 'pine'}
          aria-label={t('quota.label')}
          aria-valuetext={words}
        />
      </Progress.Root>
      <span>{words}</span>
    </div>
  )
}
