/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows are positioned one by one, which takes a table's own roles away */
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useTexts } from '../shared/use-texts.ts'
import type { FileListProps } from './FileList.tsx'
import { type ListedItem, nextSort, type SortKey } from './listed-item.ts'
import styles from './listing.module.css'
import { idsOf, toggleAll } from './selection.ts'

/** The heading row: choose all, and one sorting button per column. */
export function ListHead<T extends ListedItem>({ items, sort, onSort, timeColumn, selection }: FileListProps<T>) {
  const { t } = useTexts()
  const columns: { key: SortKey; heading: string }[] = [
    { key: 'name', heading: t('list.name') },
    { key: 'size', heading: t('list.size') },
    timeColumn,
  ]
  const count = selection?.chosen.ids.size ?? 0
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={1} className={styles.head}>
        {selection && (
          <div role="columnheader" className={styles.check}>
            <label>
              <input
                type="checkbox"
                aria-label={t('list.chooseAll')}
                checked={count > 0 && count === items.length}
                ref={(box) => {
                  if (box) box.indeterminate = count > 0 && count < items.length
                }}
                onChange={() => selection.onChange(toggleAll(selection.chosen, idsOf(items)))}
              />
            </label>
          </div>
        )}
        {columns.map(({ key, heading }) => {
          const isSorted = sort.key === key
          const direction = sort.isDescending ? 'descending' : 'ascending'
          const Arrow = sort.isDescending ? ArrowDown : ArrowUp
          return (
            <div
              key={key}
              role="columnheader"
              aria-sort={isSorted ? direction : 'none'}
              className={styles.heading}
              data-column={key === 'name' || key === 'size' ? key : 'time'}
            >
              <button type="button" className={styles.sortButton} onClick={() => onSort(nextSort(sort, key))}>
                {heading}
                {isSorted && <Arrow size={14} aria-hidden />}
              </button>
            </div>
          )
        })}
        <div role="columnheader" className={styles.actions}>
          <span className="dw-hidden">{t('list.actions')}</span>
        </div>
      </div>
    </div>
  )
}
