import { ActionIcon, Popover } from '@mantine/core'
import { QrCode as QrIcon } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useTexts } from '../shared/use-texts.ts'
import styles from './share.module.css'

const QrCode = lazy(async () => ({ default: (await import('../shared/QrCode.tsx')).QrCode }))

/** Moves the page to a phone: a QR code of its address, without the access code. */
export function PageQr() {
  const { t } = useTexts()
  return (
    <Popover position="bottom-end" shadow="md" radius="lg" trapFocus returnFocus withRoles>
      <Popover.Target>
        <ActionIcon aria-label={t('landing.qr')} title={t('landing.qr')}>
          <QrIcon size={20} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={styles.qr} aria-label={t('landing.qr')} tabIndex={-1}>
        <Suspense fallback={<div style={{ width: 184, height: 184 }} />}>
          <QrCode text={location.origin + location.pathname} label={t('landing.qrLabel')} />
        </Suspense>
        <p>{t('landing.qrText')}</p>
      </Popover.Dropdown>
    </Popover>
  )
}
