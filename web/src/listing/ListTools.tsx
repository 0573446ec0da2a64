import { CloseButton, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useTexts } from '../shared/use-texts.ts'
import type { Sort, SortKey } from './listed-item.ts'
import styles from './listing.module.css'

/** Narrows a listing to names that contain a text. */
export function NameFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTexts()
  return (
    <TextInput
      type="search"
      aria-label={t('list.filter')}
      placeholder={t('list.filter')}
      leftSection={<Search size={18} aria-hidden />}
      rightSectionPointerEvents="all"
      rightSection={value !== '' && <CloseButton aria-label={t('list.clearFilter')} onClick={() => onChange('')} />}
      value={value}
      maxLength={250}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

interface SortChoiceProps {
  sort: Sort
  onSort: (sort: Sort) => void
  timeColumn: { key: SortKey; heading: string }
}

/** The order of a listing, for screens too narrow for column headings. */
export function SortChoice({ sort, onSort, timeColumn }: SortChoiceProps) {
  const { t } = useTexts()
  const columns = [
    { key: 'name' as const, heading: t('list.name') },
    { key: 'size' as const, heading: t('list.size') },
    timeColumn,
  ]
  const choices = columns.flatMap(({ key, heading }) => [
    { key, isDescending: false, text: `${heading} ↑` },
    { key, isDescending: true, text: `${heading} ↓` },
  ])
  const chosen = choices.findIndex(({ key, isDescending }) => key === sort.key && isDescending === sort.isDescending)
  return (
    <select
      className={styles.sortChoice}
      aria-label={t('list.sort')}
      value={chosen}
      onChange={(event) => {
        const choice = choices[Number(event.currentTarget.value)]
        if (choice) onSort({ key: choice.key, isDescending: choice.isDescending })
      }}
    >
      {choices.map(({ text }, index) => (
        <option key={text} value={index}>
          {text}
        </option>
      ))}
    </select>
  )
}
