import { ActionIcon } from '@mantine/core'
import { Eye, EyeOff } from 'lucide-react'
import { type ClipboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useTexts } from '../shared/use-texts.ts'
import { cleanCode } from './door.ts'
import styles from './code.module.css'

interface Props {
  value: string
  onChange: (value: string) => void
  isWrong: boolean
  messageId: string
}

const usualLength = 8

/** One real input that looks like cells: 8 of them, more when a longer code is typed. Paste and autofill just work. */
export function CodeInput({ value, onChange, isWrong, messageId }: Props) {
  const { t } = useTexts()
  const [isShown, setShown] = useState(true)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const paste = (event: ClipboardEvent): void => {
    event.preventDefault()
    onChange(cleanCode(event.clipboardData.getData('text')))
  }
  const count = Math.max(usualLength, value.length)
  return (
    <div className={styles.codeField}>
      <div className={styles.codeLabel}>
        <label htmlFor={id}>{t('gate.label')}</label>
        <ActionIcon
          aria-label={isShown ? t('gate.hide') : t('gate.show')}
          title={isShown ? t('gate.hide') : t('gate.show')}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? <EyeOff size={20} /> : <Eye size={20} />}
        </ActionIcon>
      </div>
      <div className={styles.code} data-wrong={isWrong || undefined}>
        <div className={styles.cells} aria-hidden="true">
          {Array.from({ length: count }, (_, index) => (
            <span key={index} className={styles.cell} data-next={index === value.length || undefined}>
              {isShown || value[index] === undefined ? value[index] : '•'}
            </span>
          ))}
        </div>
        <input
          ref={input}
          id={id}
          className={styles.codeInput}
          type={isShown ? 'text' : 'password'}
          value={value}
          maxLength={64}
          autoComplete="one-time-code"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          aria-invalid={isWrong}
          aria-describedby={messageId}
          onPaste={paste}
          onChange={(event) => onChange(cleanCode(event.currentTarget.value))}
        />
      </div>
    </div>
  )
}
