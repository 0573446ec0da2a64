import { Button, Skeleton } from '@mantine/core'
import { CloudOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTexts } from '../shared/use-texts.ts'
import styles from './listing.module.css'

/** Nothing to list: says why and what to do. */
export function EmptyList({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {icon}
      <p className={styles.emptyTitle}>{title}</p>
      {children}
    </div>
  )
}

/** A listing on its way. */
export function LoadingList() {
  const { t } = useTexts()
  return (
    <output className={styles.skeleton}>
      <span className="dw-hidden">{t('list.loading')}</span>
      {['70%', '52%', '61%', '44%'].map((width) => (
        <Skeleton key={width} height={20} my={17} width={width} radius="sm" />
      ))}
    </output>
  )
}

/** A listing that could not be read, with the way to try again. */
export function FailedList({ text, onRetry }: { text: string; onRetry: () => void }) {
  const { t } = useTexts()
  return (
    <EmptyList icon={<CloudOff aria-hidden />} title={t('list.failed')}>
      <span role="alert">{text}</span>
      <Button variant="default" mt="sm" onClick={onRetry}>
        {t('action.retry')}
      </Button>
    </EmptyList>
  )
}
