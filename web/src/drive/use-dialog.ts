import { useCallback, useRef, useState } from 'react'

/** A dialog that is open about something, and gives the focus back to what opened it. */
export interface DialogState<T> {
  /** What it is about; kept while it closes, so that its text does not vanish first. */
  about: T | null
  isOpen: boolean
  open: (about: T) => void
  close: () => void
  /** To be called when the dialog is gone. */
  returnFocus: () => void
}

/** Keeps what a dialog is about and where the focus was. */
export function useDialog<T>(): DialogState<T> {
  const [about, setAbout] = useState<T | null>(null)
  const [isOpen, setOpen] = useState(false)
  const origin = useRef<HTMLElement | null>(null)
  const open = useCallback((subject: T): void => {
    origin.current = originOf(document.activeElement)
    setAbout(subject)
    setOpen(true)
  }, [])
  const close = useCallback((): void => setOpen(false), [])
  const returnFocus = useCallback((): void => {
    const place = origin.current?.isConnected ? origin.current : fallbackPlace()
    place?.focus({ preventScroll: true })
  }, [])
  return { about, isOpen, open, close, returnFocus }
}

// A menu is gone when its dialog closes, so the button that opened the menu takes the focus.
function originOf(active: Element | null): HTMLElement | null {
  const menu = active?.closest('[role=menu]')
  const opener = menu ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : active
  return opener instanceof HTMLElement && opener !== document.body ? opener : null
}

function fallbackPlace(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[role=grid] [role=row][tabindex="0"]') ?? document.querySelector('main')
}
