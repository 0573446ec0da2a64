import { ActionIcon, Progress } from '@mantine/core'
import { Check, RotateCcw, X } from 'lucide-react'
import { formatSize } from '../../shared/format.ts'
import { useTexts } from '../../shared/use-texts.ts'
import { isRunning, type UploadQueue, type UploadTask } from './queue.ts'
import styles from './upload.module.css'

/** One file of the upload queue. */
export function UploadRow({ task, queue }: { task: UploadTask; queue: UploadQueue }) {
  const { t } = useTexts()
  const { name, state } = task
  const percent = task.size === 0 ? 0 : Math.round((task.sent / task.size) * 100)
  return (
    <li className={styles.row}>
      <div className={styles.rowText}>
        <bdi className={styles.rowName}>{[...task.folders, name].join(' / ')}</bdi>
        <Status task={task} percent={percent} />
        {state === 'sending' && <Progress value={percent} size={4} aria-label={t('upload.progressOf', { name })} />}
      </div>
      {isRunning(task) && (
        <ActionIcon aria-label={t('upload.cancelName', { name })} onClick={() => queue.cancel(task.id)}>
          <X size={18} />
        </ActionIcon>
      )}
      {(state === 'failed' || state === 'cancelled') && (
        <ActionIcon aria-label={t('upload.retryName', { name })} onClick={() => queue.retry(task.id)}>
          <RotateCcw size={18} />
        </ActionIcon>
      )}
      {state === 'done' && <Check size={20} className={styles.done} aria-hidden />}
    </li>
  )
}

function Status({ task, percent }: { task: UploadTask; percent: number }) {
  const { t, locale, explain } = useTexts()
  if (task.state === 'failed') return <span className={styles.error}>{explain(task.error)}</span>
  const words = {
    waiting: t('upload.waiting'),
    sending: `${percent} % · ${formatSize(task.sent, locale)} / ${formatSize(task.size, locale)}`,
    done: `${t('upload.done')} · ${formatSize(task.size, locale)}`,
    cancelled: t('upload.cancelled'),
  }
  return <span className={styles.status}>{words[task.state]}</span>
}
