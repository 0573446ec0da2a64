import { Combobox, Loader, Pill, PillsInput, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Building, User, Users } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useTexts } from '../../shared/use-texts.ts'
import type { Receiver, ReceiverKind } from './draft.ts'
import styles from './sharing.module.css'
import { type Candidate, useCandidates } from './use-receivers.ts'

interface Props {
  value: Receiver[]
  onChange: (receivers: Receiver[]) => void
  error: string | undefined
}

const icons = { department: Building, group: Users, person: User }
const kinds: ReceiverKind[] = ['department', 'group', 'person']
// The target adds the states that go with the role.
const comboboxRole = { role: 'combobox', 'aria-autocomplete': 'list' } as const
const keyOf = ({ kind, id }: Receiver): string => `${kind} ${id}`

/** Departments, groups and people, found as one types, kept as chips. */
export function ReceiverPicker({ value, onChange, error }: Props) {
  const { t } = useTexts()
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const [search, setSearch] = useState('')
  const [settled] = useDebouncedValue(search.trim(), 200)
  const found = useCandidates(settled, combobox.dropdownOpened)
  const chosen = new Set(value.map(keyOf))
  const free = found.candidates.filter((candidate) => !chosen.has(keyOf(candidate)))
  const choose = (key: string): void => {
    const taken = free.find((candidate) => keyOf(candidate) === key)
    if (taken) onChange([...value, { kind: taken.kind, id: taken.id, name: taken.name }])
    setSearch('')
  }
  const typed = (text: string): void => {
    setSearch(text)
    combobox.openDropdown()
    combobox.updateSelectedOptionIndex()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Backspace' && search === '') onChange(value.slice(0, -1))
    // Enter takes the option; it must never make the link while one still looks for a name.
    if (event.key === 'Enter') event.preventDefault()
  }
  return (
    <Combobox store={combobox} onOptionSubmit={choose} withinPortal={false}>
      <Combobox.DropdownTarget>
        <PillsInput
          size="md"
          label={t('receivers.label')}
          error={error}
          rightSection={found.isFetching ? <Loader size={16} aria-hidden /> : null}
          onClick={() => combobox.openDropdown()}
        >
          <Pill.Group>
            {value.map((receiver) => (
              <Chip key={keyOf(receiver)} receiver={receiver} onRemove={() => onChange(without(value, receiver))} />
            ))}
            <Combobox.EventsTarget withExpandedAttribute>
              <PillsInput.Field
                {...comboboxRole}
                aria-label={t('receivers.label')}
                placeholder={value.length === 0 ? t('receivers.hint') : ''}
                value={search}
                onFocus={() => combobox.openDropdown()}
                onBlur={() => combobox.closeDropdown()}
                onChange={(event) => typed(event.currentTarget.value)}
                onKeyDown={onKeyDown}
              />
            </Combobox.EventsTarget>
          </Pill.Group>
        </PillsInput>
      </Combobox.DropdownTarget>
      <Options candidates={free} isLoading={found.isPending} />
    </Combobox>
  )
}

function without(receivers: Receiver[], gone: Receiver): Receiver[] {
  return receivers.filter((receiver) => receiver !== gone)
}

function Chip({ receiver, onRemove }: { receiver: Receiver; onRemove: () => void }) {
  const { t } = useTexts()
  const Icon = icons[receiver.kind]
  const label = t('receivers.remove', { name: receiver.name })
  return (
    <Pill size="lg" withRemoveButton onRemove={onRemove} removeButtonProps={{ 'aria-label': label, tabIndex: 0 }}>
      <span className={styles.chip}>
        <Icon size={14} aria-hidden />
        <bdi>{receiver.name}</bdi>
      </span>
    </Pill>
  )
}

function Options({ candidates, isLoading }: { candidates: Candidate[]; isLoading: boolean }) {
  const { t } = useTexts()
  return (
    <Combobox.Dropdown>
      <Combobox.Options mah={260} style={{ overflowY: 'auto' }} aria-label={t('receivers.label')}>
        {!isLoading && candidates.length === 0 && <Combobox.Empty>{t('list.nothingFound')}</Combobox.Empty>}
        {kinds.map((kind) => {
          const Icon = icons[kind]
          const some = candidates.filter((candidate) => candidate.kind === kind)
          if (some.length === 0) return null
          return (
            <Combobox.Group key={kind} label={t(`receivers.${kind}`)}>
              {some.map((candidate) => (
                <Combobox.Option key={candidate.id} value={keyOf(candidate)} className={styles.option}>
                  <Icon size={18} aria-hidden />
                  <bdi>{candidate.name}</bdi>
                  {candidate.detail !== '' && <span className={styles.detail}>{candidate.detail}</span>}
                </Combobox.Option>
              ))}
            </Combobox.Group>
          )
        })}
      </Combobox.Options>
    </Combobox.Dropdown>
  )
}
