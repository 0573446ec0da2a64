import { Button } from '@mantine/core'
import { useTexts } from '../shared/use-texts.ts'
import { Dialog } from './Dialog.tsx'
import styles from './drive.module.css'
import type { DialogState } from './use-dialog.ts'

/** A deed that cannot be undone, in words, and what carries it out. */
export interface Question {
  title: string
  text: string
  action: string
  run: () => void
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ state }: { state: DialogState<Question> }) {
  const { t } = useTexts()
  const { about } = state
  const confirm = (): void => {
    state.close()
    about?.run()
  }
  return (
    <Dialog state={state} title={about?.title}>
      <p className={styles.question}>{about?.text}</p>
      <div className={styles.dialogFoot}>
        <Button variant="default" data-autofocus onClick={state.close}>
          {t('action.cancel')}
        </Button>
        <Button color="red" onClick={confirm}>
          {about?.action}
        </Button>
      </div>
    </Dialog>
  )
}
