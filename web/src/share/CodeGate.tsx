import { Button } from '@mantine/core'
import { Lock } from 'lucide-react'
import { type FormEvent, useEffect, useId, useState } from 'react'
import { reasonOf } from '../shared/drive.ts'
import { DriveError } from '@driveway/sdk'
import { formatClock } from '../shared/format.ts'
import { useTexts } from '../shared/use-texts.ts'
import { CodeInput } from './CodeInput.tsx'
import { codeInFragment, type LinkFacts } from './door.ts'
import styles from './share.module.css'
import type { LinkState } from './use-link.ts'
import { useCountdown } from './use-countdown.ts'

/** Before the code: who shared, a lock, one input. Nothing of the content is known here. */
export function CodeGate({ link, facts }: { link: LinkState; facts: LinkFacts }) {
  const { t } = useTexts()
  const [code, setCode] = useState(() => codeInFragment(location.hash))
  const { verify } = link
  const waiting = useCountdown(waitOf(verify.error), verify.submittedAt)
  const messageId = useId()
  useCodeOfFragment(verify.mutate)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (code.length >= 4 && waiting === 0 && !verify.isPending) verify.mutate(code)
  }
  const message = useMessage(verify.error, waiting)
  return (
    <form className={styles.gate} onSubmit={submit}>
      <span className={styles.lock}>
        <Lock size={28} aria-hidden />
      </span>
      <h1 className={styles.gateTitle}>{t('gate.title', { name: facts.ownerName })}</h1>
      <p className={styles.gateText}>{t('gate.text')}</p>
      <CodeInput value={code} onChange={setCode} isWrong={verify.isError} messageId={messageId} />
      <p id={messageId} className={styles.gateError} role="alert">
        {message}
      </p>
      <Button type="submit" fullWidth loading={verify.isPending} disabled={code.length < 4 || waiting > 0}>
        {waiting > 0 ? t('gate.wait', { time: formatClock(waiting) }) : t('gate.open')}
      </Button>
    </form>
  )
}

// A link may carry its code in the fragment, which never reaches a server; it leaves the address bar once it was read.
function useCodeOfFragment(verify: (code: string) => void): void {
  useEffect(() => {
    const code = codeInFragment(location.hash)
    if (code === '') return
    history.replaceState(history.state, '', location.pathname + location.search)
    if (code.length >= 4) verify(code)
  }, [verify])
}

function useMessage(error: unknown, waiting: number): string {
  const { t, explain } = useTexts()
  if (!error) return ''
  const reason = reasonOf(error)
  if (reason === 'TOO_MANY_ATTEMPTS') return waiting > 0 ? t('gate.tooMany') : ''
  if (reason !== 'ACCESS_CODE_WRONG') return explain(error)
  const left = numberOf(error, 'triesLeft')
  return left ? `${t('gate.wrong')} ${t('gate.triesLeft', { count: left })}` : t('gate.wrong')
}

function waitOf(error: unknown): number {
  return numberOf(error, 'retryAfter') ?? 0
}

function numberOf(error: unknown, name: string): number | undefined {
  const value = error instanceof DriveError ? error.data[name] : undefined
  return typeof value === 'number' ? value : undefined
}
