/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows are positioned one by one, which takes a table's own roles away */
import { Button } from '@mantine/core'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react'
import { useTexts } from '../shared/use-texts.ts'
import { FileRow } from './FileRow.tsx'
import type { ListedItem, Sort, SortKey } from './listed-item.ts'
import { ListHead } from './ListHead.tsx'
import styles from './listing.module.css'
import type { Selection } from './selection.ts'
import { useGridKeys } from './use-grid-keys.ts'

/** What happens to rows; an absent function takes its control away. */
export interface RowDeeds<T extends ListedItem> {
  /** Enter, or a click on the name. */
  open?: (item: T) => void
  /** Whether `open` does something for this row. */
  canOpen?: (item: T) => boolean
  rename?: (item: T) => void
  remove?: (item: T) => void
}

export interface FileListProps<T extends ListedItem> {
  label: string
  items: T[]
  sort: Sort
  onSort: (sort: Sort) => void
  /** The columns beside the name, the third one's key and heading differ in the bin. */
  timeColumn: { key: SortKey; heading: string; valueOf: (item: T) => string }
  selection?: { chosen: Selection; onChange: (selection: Selection) => void }
  deeds: RowDeeds<T>
  /** How many buttons `actionsOf` shows at most, and on narrow screens. */
  actionCounts: [wide: number, narrow: number]
  /** Buttons at the end of a row; `tabIndex` goes on each of them. */
  actionsOf: (item: T, tabIndex: number) => ReactNode
  more: { has: boolean; isLoading: boolean; hasFailed: boolean; load: () => void }
}

/** A listing as an ARIA grid: virtual rows, one tab stop with arrow keys inside, endless by cursor. */
export function FileList<T extends ListedItem>(props: FileListProps<T>) {
  const { items, more, selection } = props
  const { t } = useTexts()
  const body = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- it matters to the React compiler, which is not used here
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => 56,
    overscan: 12,
    // What stays at the top of the page while one scrolls must not hide the row.
    scrollPaddingStart: 76,
    scrollMargin: body.current?.offsetTop ?? 0,
  })
  const keys = useGridKeys({ items, selection, deeds: props.deeds, scrollTo: (index) => virtual.scrollToIndex(index) })
  const rows = virtual.getVirtualItems()
  const isNearEnd = (rows.at(-1)?.index ?? 0) >= items.length - 20
  useEffect(() => {
    if (isNearEnd && more.has && !more.isLoading && !more.hasFailed) more.load()
  }, [isNearEnd, more])
  return (
    <>
      <div
        role="grid"
        tabIndex={-1}
        aria-label={props.label}
        aria-rowcount={more.has ? -1 : items.length + 1}
        aria-multiselectable={selection ? true : undefined}
        className={styles.grid}
        style={actionSpace(props.actionCounts)}
        data-selectable={selection ? true : undefined}
        onKeyDown={keys.onKeyDown}
      >
        <ListHead {...props} />
        <div role="rowgroup" ref={body} className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ index, start }) => {
            const item = items[index]
            if (!item) return null
            const place = { index, top: start - virtual.options.scrollMargin }
            return <FileRow key={item.id} item={item} place={place} list={props} keys={keys} />
          })}
        </div>
      </div>
      {more.has && (
        <div className={styles.more}>
          <Button variant="default" loading={more.isLoading} onClick={more.load}>
            {more.hasFailed ? t('list.loadAgain') : t('list.loadMore')}
          </Button>
        </div>
      )}
    </>
  )
}

function actionSpace([wide, narrow]: [number, number]): CSSProperties {
  return Object.fromEntries([
    ['--actions', wide],
    ['--actions-narrow', narrow],
  ])
}
