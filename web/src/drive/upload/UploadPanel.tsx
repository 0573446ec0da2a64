import { ActionIcon, Button } from '@mantine/core'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../shared/use-texts.ts'
import { isRunning, type UploadTask } from './queue.ts'
import styles from './upload.module.css'
import { useUploadQueue, useUploadTasks } from './UploadProvider.tsx'
import { UploadRow } from './UploadRow.tsx'

const mostRows = 100

/** What is being uploaded, with progress, retry and cancel. */
export function UploadPanel() {
  const { t } = useTexts()
  const queue = useUploadQueue()
  const tasks = useUploadTasks()
  const [isFolded, setFolded] = useState(false)
  if (tasks.length === 0) return null
  const running = tasks.filter(isRunning).length
  const shown = byInterest(tasks).slice(0, mostRows)
  const Arrow = isFolded ? ChevronUp : ChevronDown
  return (
    <section className={styles.panel} aria-label={t('upload.panel')}>
      <header className={styles.panelHead}>
        <output className={styles.panelTitle}>{summaryOf(tasks, t)}</output>
        <ActionIcon
          aria-label={isFolded ? t('upload.unfold') : t('upload.fold')}
          aria-expanded={!isFolded}
          onClick={() => setFolded(!isFolded)}
        >
          <Arrow size={20} />
        </ActionIcon>
        {running === 0 && (
          <ActionIcon aria-label={t('action.close')} onClick={queue.clear}>
            <X size={20} />
          </ActionIcon>
        )}
      </header>
      {!isFolded && (
        <>
          {/* A list that scrolls has to be reached by keyboard, also when no row has a button any more. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <ul className={styles.rows} tabIndex={0} aria-label={t('upload.panel')}>
            {shown.map((task) => (
              <UploadRow key={task.id} task={task} queue={queue} />
            ))}
          </ul>
          {tasks.length > shown.length && (
            <p className={styles.rest}>{t('upload.rest', { count: tasks.length - shown.length })}</p>
          )}
          {running > 1 && (
            <footer className={styles.panelFoot}>
              <Button variant="subtle" color="gray" onClick={queue.cancelAll}>
                {t('upload.cancelAll')}
              </Button>
            </footer>
          )}
        </>
      )}
    </section>
  )
}

const interest: UploadTask['state'][] = ['sending', 'failed', 'waiting', 'cancelled', 'done']

function byInterest(tasks: readonly UploadTask[]): UploadTask[] {
  if (tasks.length <= mostRows) return [...tasks]
  return tasks.toSorted((one, other) => interest.indexOf(one.state) - interest.indexOf(other.state))
}

function summaryOf(tasks: readonly UploadTask[], t: ReturnType<typeof useTexts>['t']): string {
  const count = (state: UploadTask['state']): number => tasks.filter((task) => task.state === state).length
  const running = tasks.filter(isRunning).length
  if (running > 0) return t('upload.running', { count: running })
  if (count('failed') > 0) return t('upload.someFailed', { count: count('failed') })
  return count('done') > 0 ? t('upload.allDone', { count: count('done') }) : t('upload.cancelled')
}
