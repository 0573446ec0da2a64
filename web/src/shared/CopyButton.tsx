import { Button, type ButtonProps } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTexts } from './use-texts.ts'

interface Props extends ButtonProps {
  /** What goes to the clipboard. */
  text: string
  label: string
  /** What screen readers hear afterwards. */
  announcement: string
}

/** Copies a text, shows that it did, and says so to screen readers. */
export function CopyButton({ text, label, announcement, ...rest }: Props) {
  const { t } = useTexts()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 2500)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <>
      <Button
        {...rest}
        leftSection={copied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
        onClick={() => void copyText(text).then(setCopied)}
      >
        {copied ? t('copy.done') : label}
      </Button>
      <output className="dw-hidden">{copied ? announcement : ''}</output>
    </>
  )
}

/** Puts a text on the clipboard, also where the clipboard API is barred (plain HTTP); answers whether it worked. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  const home = focused?.closest('[role=dialog]') ?? document.body
  home.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
