import { Modal } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useTexts } from '../shared/use-texts.ts'
import styles from './drive.module.css'
import type { DialogState } from './use-dialog.ts'

interface Props {
  state: Pick<DialogState<unknown>, 'isOpen' | 'close' | 'returnFocus'>
  title: ReactNode
  /** The large size fills a phone's screen. */
  size?: 'small' | 'large'
  children: ReactNode
}

/** A modal dialog: focus trapped, Escape closes, focus goes back to where it came from. */
export function Dialog({ state, title, size = 'small', children }: Props) {
  const { t } = useTexts()
  const isPhone = useMediaQuery('(max-width: 640px)') ?? false
  return (
    <Modal.Root
      opened={state.isOpen}
      onClose={state.close}
      onExitTransitionEnd={state.returnFocus}
      returnFocus={false}
      size={size === 'large' ? 640 : 440}
      fullScreen={size === 'large' && isPhone}
      padding="lg"
      radius={size === 'large' && isPhone ? 0 : 'lg'}
      centered
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content>
        {/* Not Modal.Header: outside of `main` its <header> counts as a second banner of the page. */}
        <div className={styles.dialogHeader}>
          <Modal.Title className={styles.dialogTitle}>{title}</Modal.Title>
          <Modal.CloseButton size={44} iconSize={22} aria-label={t('action.close')} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
