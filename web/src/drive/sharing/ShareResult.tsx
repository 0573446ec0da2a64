import { Button, Checkbox } from '@mantine/core'
import { CircleCheck } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { CopyButton } from '../../shared/CopyButton.tsx'
import { formatMoment } from '../../shared/format.ts'
import { useTexts } from '../../shared/use-texts.ts'
import { linkWithCode } from './code.ts'
import type { Draft, MadeLink } from './draft.ts'
import styles from './sharing.module.css'

const QrCode = lazy(async () => ({ default: (await import('../../shared/QrCode.tsx')).QrCode }))

interface Props {
  link: MadeLink
  draft: Draft
  onAgain: () => void
  onDone: () => void
}

/** The link that was made: copy it, with or without its code, or let a phone read it. */
export function ShareResult({ link, draft, onAgain, onDone }: Props) {
  const { t, locale } = useTexts()
  const [carriesCode, setCarriesCode] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const { extractCode: code } = link
  const address = code && carriesCode ? linkWithCode(link.linkUrl, code) : link.linkUrl
  const scope = ({ 1: 'anyone', 2: 'members', 3: 'chosen' } as const)[draft.scope]
  return (
    <div className={styles.result}>
      <h2 ref={heading} tabIndex={-1} className={styles.resultTitle}>
        <CircleCheck size={22} aria-hidden />
        {t('result.title')}
      </h2>
      <p className={styles.note}>
        {t(`scope.${scope}.text`)} {t('share.endsAt', { moment: formatMoment(link.expireTime, locale) })}
      </p>
      <Value label={t('result.link')} value={address}>
        <CopyButton text={address} label={t('result.copyLink')} announcement={t('result.linkCopied')} />
      </Value>
      <div className={styles.columns}>
        {code && <CodeValues link={link} code={code} carriesCode={carriesCode} onCarry={setCarriesCode} />}
        <Suspense fallback={<div className={styles.qrPlace} />}>
          <QrCode text={address} label={t('result.qr')} />
        </Suspense>
      </div>
      <div className={styles.foot}>
        <Button variant="default" onClick={onAgain}>
          {t('result.again')}
        </Button>
        <Button onClick={onDone}>{t('action.done')}</Button>
      </div>
    </div>
  )
}

interface CodeProps {
  link: MadeLink
  code: string
  carriesCode: boolean
  onCarry: (carries: boolean) => void
}

function CodeValues({ link, code, carriesCode, onCarry }: CodeProps) {
  const { t } = useTexts()
  return (
    <div className={styles.values}>
      <Value label={t('share.code')} value={code}>
        <CopyButton variant="default" text={code} label={t('result.copyCode')} announcement={t('result.codeCopied')} />
      </Value>
      <CopyButton
        variant="light"
        fullWidth
        text={`${link.linkUrl}\n${t('share.code')}: ${code}`}
        label={t('result.copyBoth')}
        announcement={t('result.bothCopied')}
      />
      <Checkbox
        label={t('result.carryCode')}
        checked={carriesCode}
        onChange={(event) => onCarry(event.currentTarget.checked)}
        classNames={{ body: styles.carry ?? '' }}
      />
    </div>
  )
}

function Value({ label, value, children }: { label: string; value: string; children: ReactNode }) {
  return (
    <div>
      <span className={styles.label}>{label}</span>
      <div className={styles.value}>
        <span className={styles.valueText}>{value}</span>
        {children}
      </div>
    </div>
  )
}
