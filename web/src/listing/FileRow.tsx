/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows are positioned one by one, which takes a table's own roles away */
import type { MouseEvent } from 'react'
import { formatMoment, formatShortMoment, formatSize } from '../shared/format.ts'
import { useTexts } from '../shared/use-texts.ts'
import { FileIcon } from './FileIcon.tsx'
import type { FileListProps } from './FileList.tsx'
import { isFolder, type ListedItem } from './listed-item.ts'
import styles from './listing.module.css'
import { extendTo, idsOf, toggle } from './selection.ts'
import type { GridKeys } from './use-grid-keys.ts'

interface Props<T extends ListedItem> {
  item: T
  place: { index: number; top: number }
  list: FileListProps<T>
  keys: GridKeys
}

/** One row; its controls are tab stops only while the row is the current one. */
export function FileRow<T extends ListedItem>({ item, place, list, keys }: Props<T>) {
  const { t, locale } = useTexts()
  const isCurrent = keys.current === place.index
  const tabIndex = isCurrent ? 0 : -1
  const isChosen = list.selection?.chosen.ids.has(item.id) ?? false
  const size = isFolder(item) ? t('list.folder') : formatSize(item.size ?? 0, locale)
  const time = list.timeColumn.valueOf(item)
  return (
    <div
      role="row"
      ref={keys.rowRef(place.index)}
      tabIndex={tabIndex}
      aria-rowindex={place.index + 2}
      aria-selected={list.selection ? isChosen : undefined}
      className={styles.row}
      style={{ transform: `translateY(${place.top}px)` }}
      onFocus={() => keys.setCurrent(place.index)}
    >
      {list.selection && <CheckCell item={item} list={list} tabIndex={tabIndex} isChosen={isChosen} />}
      <div role="gridcell" className={styles.name}>
        <FileIcon item={item} />
        <div className={styles.nameText}>
          <NameCell item={item} list={list} tabIndex={tabIndex} />
          <span className={styles.small}>
            {size} · {formatShortMoment(time, locale)}
          </span>
        </div>
      </div>
      <div role="gridcell" className={styles.size}>
        {isFolder(item) ? '—' : size}
      </div>
      <div role="gridcell" className={styles.time} title={formatMoment(time, locale)}>
        {formatShortMoment(time, locale)}
      </div>
      <div role="gridcell" className={styles.actions}>
        {list.actionsOf(item, tabIndex)}
      </div>
    </div>
  )
}

function NameCell<T extends ListedItem>({
  item,
  list,
  tabIndex,
}: Pick<Props<T>, 'item' | 'list'> & { tabIndex: number }) {
  const { deeds } = list
  if (!deeds.open || deeds.canOpen?.(item) === false)
    return (
      <bdi className={styles.title} title={item.fileName}>
        {item.fileName}
      </bdi>
    )
  return (
    <button
      type="button"
      className={styles.open}
      title={item.fileName}
      tabIndex={tabIndex}
      onClick={() => deeds.open?.(item)}
    >
      <bdi>{item.fileName}</bdi>
    </button>
  )
}

interface CheckCellProps<T extends ListedItem> extends Pick<Props<T>, 'item' | 'list'> {
  tabIndex: number
  isChosen: boolean
}

function CheckCell<T extends ListedItem>({ item, list, tabIndex, isChosen }: CheckCellProps<T>) {
  const { t } = useTexts()
  const { selection, items } = list
  if (!selection) return null
  const choose = (event: MouseEvent): void => {
    const { chosen, onChange } = selection
    onChange(event.shiftKey ? extendTo(chosen, item.id, idsOf(items)) : toggle(chosen, item.id))
  }
  return (
    <div role="gridcell" className={styles.check}>
      <label>
        <input
          type="checkbox"
          aria-label={t('list.choose', { name: item.fileName })}
          tabIndex={tabIndex}
          checked={isChosen}
          onClick={choose}
          readOnly
        />
      </label>
    </div>
  )
}
