import { Button } from '@mantine/core'
import {
  CalendarX,
  CircleSlash,
  CloudOff,
  FileX,
  type LucideIcon,
  LockKeyhole,
  SearchX,
  ShieldOff,
  TriangleAlert,
  UserX,
} from 'lucide-react'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { reasonOf } from '../shared/drive.ts'
import { useSignOut } from '../shared/session.ts'
import { useTexts } from '../shared/use-texts.ts'
import styles from './share.module.css'
import type { LinkState } from './use-link.ts'

const SignInForm = lazy(async () => ({ default: (await import('../shared/SignInForm.tsx')).SignInForm }))

const icons = {
  SHARE_NOT_FOUND: SearchX,
  SHARE_CANCELLED: CircleSlash,
  SHARE_EXPIRED: CalendarX,
  SHARE_INVALID: ShieldOff,
  SHARE_FILES_DELETED: FileX,
  EXTERNAL_SHARING_OFF: ShieldOff,
  NOT_A_RECEIVER: UserX,
  SIGN_IN_REQUIRED: LockKeyhole,
  NETWORK: CloudOff,
} satisfies Record<string, LucideIcon>

type Known = keyof typeof icons

/** Why a link does not open, each reason in its own words, with the one thing that helps. */
export function Ending({ error, link }: { error: unknown; link: LinkState }) {
  const { t, explain } = useTexts()
  const reason = reasonOf(error)
  const known = isKnown(reason) ? reason : undefined
  const Icon = known ? icons[known] : TriangleAlert
  return (
    <section className={styles.ending}>
      <span className={styles.lock}>
        <Icon size={28} aria-hidden />
      </span>
      <h1 className={styles.gateTitle}>{known ? t(`ending.${known}.title`) : t('ending.other')}</h1>
      <p className={styles.gateText}>
        {known ? t(`ending.${known}.text`, { name: link.person?.userName ?? '' }) : explain(error)}
      </p>
      <Help reason={reason} link={link} />
    </section>
  )
}

function Help({ reason, link }: { reason: string; link: LinkState }) {
  const { t } = useTexts()
  const client = useQueryClient()
  const signOut = useSignOut()
  if (reason === 'SIGN_IN_REQUIRED') {
    return (
      <div className={styles.signIn}>
        <Suspense>
          <SignInForm />
        </Suspense>
      </div>
    )
  }
  if (reason === 'NOT_A_RECEIVER' && link.person) {
    return (
      <Button loading={signOut.isPending} onClick={() => signOut.mutate()}>
        {t('ending.switchAccount')}
      </Button>
    )
  }
  const isFinal = isKnown(reason) && reason !== 'NETWORK'
  if (isFinal) return null
  return (
    <Button variant="default" onClick={() => void client.resetQueries()}>
      {t('action.retry')}
    </Button>
  )
}

function isKnown(reason: string): reason is Known {
  return Object.hasOwn(icons, reason)
}
