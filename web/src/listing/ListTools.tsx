import { ActionIcon, CloseButton, Menu, TextInput } from '@mantine/core'
import { ArrowDown, ArrowDownUp, ArrowUp, Search } from 'lucide-react'
import { useTexts } from '../shared/use-texts.ts'
import { nextSort, type Sort, type SortKey } from './listed-item.ts'

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

interface SortMenuProps {
  sort: Sort
  onSort: (sort: Sort) => void
  timeColumn: { key: SortKey; heading: string }
}

/** The order of a listing, for screens too narrow for column headings. */
export function SortMenu({ sort, onSort, timeColumn }: SortMenuProps) {
  const { t } = useTexts()
  const choices: { key: SortKey; heading: string }[] = [
    { key: 'name', heading: t('list.name') },
    { key: 'size', heading: t('list.size') },
    timeColumn,
  ]
  const Arrow = sort.isDescending ? ArrowDown : ArrowUp
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon hiddenFrom="sm" variant="default" aria-label={t('list.sort')} title={t('list.sort')}>
          <ArrowDownUp size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={t('list.sort')}>
        {choices.map(({ key, heading }) => (
          <Menu.Item
            key={key}
            role="menuitemradio"
            aria-checked={sort.key === key}
            rightSection={sort.key === key && <Arrow size={16} aria-hidden />}
            onClick={() => onSort(nextSort(sort, key))}
          >
            {heading}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
