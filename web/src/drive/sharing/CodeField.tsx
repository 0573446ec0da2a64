import { ActionIcon, Switch, TextInput } from '@mantine/core'
import { Eye, EyeOff, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../shared/use-texts.ts'
import { makeCode } from './code.ts'
import type { Draft } from './draft.ts'
import styles from './sharing.module.css'

interface Props {
  draft: Draft
  onChange: (part: Partial<Draft>) => void
  error: boolean
}

/** Whether the link asks for a code, and which. */
export function CodeField({ draft, onChange, error }: Props) {
  const { t } = useTexts()
  const [isShown, setShown] = useState(true)
  const again = t('share.newCode')
  const showOrHide = isShown ? t('gate.hide') : t('gate.show')
  return (
    <div>
      <Switch
        size="md"
        label={t('share.code')}
        description={t('share.codeText')}
        checked={draft.hasCode}
        classNames={{ body: styles.switch ?? '', label: styles.switchLabel ?? '' }}
        onChange={(event) => onChange({ hasCode: event.currentTarget.checked })}
      />
      {draft.hasCode && (
        <div className={styles.code}>
          <TextInput
            aria-label={t('share.code')}
            type={isShown ? 'text' : 'password'}
            value={draft.code}
            maxLength={32}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={error ? t('share.badCode') : undefined}
            classNames={{ input: styles.mono ?? '' }}
            onChange={(event) => onChange({ code: event.currentTarget.value.trim() })}
          />
          <ActionIcon variant="default" aria-label={showOrHide} title={showOrHide} onClick={() => setShown(!isShown)}>
            {isShown ? <EyeOff size={18} /> : <Eye size={18} />}
          </ActionIcon>
          <ActionIcon variant="default" aria-label={again} title={again} onClick={() => onChange({ code: makeCode() })}>
            <RefreshCw size={18} />
          </ActionIcon>
        </div>
      )}
    </div>
  )
}
