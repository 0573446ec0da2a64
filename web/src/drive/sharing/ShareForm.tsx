import { Alert, Button, SegmentedControl, Textarea } from '@mantine/core'
import { Link2 } from 'lucide-react'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { formatMoment } from '../../shared/format.ts'
import { useTexts } from '../../shared/use-texts.ts'
import { CodeField } from './CodeField.tsx'
import { type Draft, draftProblem, periods } from './draft.ts'
import { ReceiverPicker } from './ReceiverPicker.tsx'
import { ScopeCards } from './ScopeCards.tsx'
import styles from './sharing.module.css'

interface Props {
  draft: Draft
  onChange: (part: Partial<Draft>) => void
  onSubmit: () => void
  isBusy: boolean
  error: Error | null
}

/** Everything about a link before it is made; the defaults are good, so one click is enough. */
export function ShareForm({ draft, onChange, onSubmit, isBusy, error }: Props) {
  const { t, explain } = useTexts()
  const [wasTried, setTried] = useState(false)
  const problem = draftProblem(draft)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!problem) onSubmit()
  }
  return (
    <form onSubmit={submit} className={styles.form}>
      <ScopeCards value={draft.scope} onChange={(scope) => onChange({ scope, hasCode: scope === 1 })} />
      {draft.scope === 3 && (
        <ReceiverPicker
          value={draft.receivers}
          onChange={(receivers) => onChange({ receivers })}
          error={wasTried && problem === 'noReceiver' ? t('share.noReceiver') : undefined}
        />
      )}
      <Rights mayDownload={draft.mayDownload} onChange={onChange} />
      <CodeField draft={draft} onChange={onChange} error={wasTried && problem === 'badCode'} />
      <Validity days={draft.validDays} onChange={onChange} />
      <Textarea
        label={t('share.message')}
        placeholder={t('share.messageHint')}
        size="md"
        autosize
        minRows={1}
        maxRows={5}
        maxLength={500}
        value={draft.message}
        onChange={(event) => onChange({ message: event.currentTarget.value })}
      />
      {error && (
        <Alert role="alert" color="red">
          {explain(error)}
        </Alert>
      )}
      <div className={styles.foot}>
        <Button type="submit" size="md" loading={isBusy} leftSection={<Link2 size={18} aria-hidden />}>
          {t('share.make')}
        </Button>
      </div>
    </form>
  )
}

function Rights({ mayDownload, onChange }: { mayDownload: boolean; onChange: Props['onChange'] }) {
  const { t } = useTexts()
  return (
    <Choice label={t('share.rights')} note={mayDownload ? t('share.rightsDownload') : t('share.rightsView')}>
      {(labelId) => (
        <SegmentedControl
          fullWidth
          aria-labelledby={labelId}
          classNames={{ label: styles.segment ?? '' }}
          value={mayDownload ? 'download' : 'view'}
          onChange={(value) => onChange({ mayDownload: value === 'download' })}
          data={[
            { value: 'view', label: t('rights.view') },
            { value: 'download', label: t('rights.download') },
          ]}
        />
      )}
    </Choice>
  )
}

function Validity({ days, onChange }: { days: number; onChange: Props['onChange'] }) {
  const { t, locale } = useTexts()
  const [now] = useState(Date.now)
  const end = new Date(now + days * 86_400_000)
  return (
    <Choice label={t('share.validity')} note={t('share.endsAt', { moment: formatMoment(end, locale) })}>
      {(labelId) => (
        <SegmentedControl
          fullWidth
          aria-labelledby={labelId}
          classNames={{ label: styles.segment ?? '' }}
          value={String(days)}
          onChange={(value) => onChange({ validDays: Number(value) })}
          data={periods.map((count) => ({ value: String(count), label: t('share.days', { count }) }))}
        />
      )}
    </Choice>
  )
}

interface ChoiceProps {
  label: string
  note: string
  children: (labelId: string) => ReactNode
}

function Choice({ label, note, children }: ChoiceProps) {
  const labelId = useId()
  return (
    <div>
      <span id={labelId} className={styles.label}>
        {label}
      </span>
      {children(labelId)}
      <p className={styles.note}>{note}</p>
    </div>
  )
}
