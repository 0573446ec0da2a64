import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { FileListProps, RowDeeds } from './FileList.tsx'
import { isFolder, type ListedItem } from './listed-item.ts'
import { extendTo, idsOf, noSelection, toggle, toggleAll } from './selection.ts'

// Enter on a folder and Delete take the focused row away; the rows that come next get the focus, in whichever listing.
let wantsFocus = false

interface Options<T extends ListedItem> {
  items: T[]
  selection: FileListProps<T>['selection']
  deeds: RowDeeds<T>
  scrollTo: (index: number) => void
}

/** The keyboard of a listing. */
export interface GridKeys {
  /** Index of the row that is the tab stop. */
  current: number
  setCurrent: (index: number) => void
  rowRef: (index: number) => (row: HTMLElement | null) => void
  onKeyDown: (event: KeyboardEvent) => void
}

/** Arrow keys, Home and End move; Space, Shift and Ctrl+A choose; Enter opens, F2 renames, Delete removes. */
export function useGridKeys<T extends ListedItem>({ items, selection, deeds, scrollTo }: Options<T>): GridKeys {
  const [wanted, setCurrent] = useState(0)
  const rows = useRef(new Map<number, HTMLElement>())
  // A row far away is not there yet when it is to get the focus; it takes it as it comes.
  const awaited = useRef<number | null>(null)
  const current = Math.min(wanted, Math.max(0, items.length - 1))
  const focusRow = (index: number): void => {
    const row = rows.current.get(index)
    awaited.current = row ? null : index
    row?.focus({ preventScroll: true })
  }
  useEffect(() => {
    if (!wantsFocus || items.length === 0) return
    wantsFocus = false
    focusRow(current)
  }, [items, current])

  const move = (to: number): void => {
    scrollTo(to)
    setCurrent(to)
    focusRow(to)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = targetOf(event, current, items.length)
    if (to !== undefined) {
      event.preventDefault()
      move(to)
      if (event.shiftKey) extendByKey(selection, items, current, to)
      return
    }
    const isOnRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row'
    const item = isOnRow ? items[current] : undefined
    if (!chooseByKey(event, selection, items, item) && item) actByKey(event, item, deeds)
  }
  return {
    current,
    setCurrent,
    onKeyDown,
    rowRef: (index) => (row) => {
      if (!row) rows.current.delete(index)
      else {
        rows.current.set(index, row)
        if (awaited.current === index) focusRow(index)
      }
    },
  }
}

function targetOf(event: KeyboardEvent, current: number, count: number): number | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined
  const moves: Record<string, number> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + 10,
    PageUp: current - 10,
    Home: 0,
    End: count - 1,
  }
  const to = moves[event.key]
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to))
}

function extendByKey<T extends ListedItem>(
  selection: Options<T>['selection'],
  items: T[],
  from: number,
  to: number,
): void {
  const id = items[to]?.id
  if (!selection || id === undefined) return
  const { chosen, onChange } = selection
  onChange(extendTo({ ids: chosen.ids, anchor: chosen.anchor ?? items[from]?.id ?? id }, id, idsOf(items)))
}

function chooseByKey<T extends ListedItem>(
  event: KeyboardEvent,
  selection: Options<T>['selection'],
  items: T[],
  row: T | undefined,
): boolean {
  if (!selection) return false
  const { chosen, onChange } = selection
  if (event.key === 'a' && (event.ctrlKey || event.metaKey)) onChange(toggleAll(chosen, idsOf(items)))
  else if (event.key === 'Escape' && chosen.ids.size > 0) onChange(noSelection)
  else if (event.key === ' ' && row) onChange(toggle(chosen, row.id))
  else return false
  event.preventDefault()
  return true
}

function actByKey<T extends ListedItem>(event: KeyboardEvent, item: T, deeds: RowDeeds<T>): void {
  const deed = { Enter: deeds.open, F2: deeds.rename, Delete: deeds.remove }[event.key]
  if (!deed || (event.key === 'Enter' && deeds.canOpen?.(item) === false)) return
  event.preventDefault()
  wantsFocus = event.key !== 'F2' && (event.key !== 'Enter' || isFolder(item))
  deed(item)
}
