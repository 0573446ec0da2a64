import { ActionIcon, CloseButton } from '@mantine/core'
import { QrCode as QrIcon } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTexts } from '../shared/use-texts.ts'
import styles from './share.module.css'

const QrCode = lazy(async () => ({ default: (await import('../shared/QrCode.tsx')).QrCode }))

/** Moves the page to a phone: a QR code of its address, without the access code. */
export function PageQr() {
  const { t } = useTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const [wasOpened, setOpened] = useState(false)
  const open = (): void => {
    setOpened(true)
    dialog.current?.showModal()
  }
  return (
    <>
      <ActionIcon aria-label={t('landing.qr')} title={t('landing.qr')} onClick={open}>
        <QrIcon size={20} />
      </ActionIcon>
      <dialog ref={dialog} className={styles.qr} aria-label={t('landing.qr')} closedby="any">
        <CloseButton
          size={44}
          className={styles.qrClose ?? ''}
          aria-label={t('action.close')}
          onClick={() => dialog.current?.close()}
        />
        {wasOpened && (
          <Suspense>
            <QrCode text={location.origin + location.pathname} label={t('landing.qrLabel')} size={232} />
          </Suspense>
        )}
        <p>{t('landing.qrText')}</p>
      </dialog>
    </>
  )
}
