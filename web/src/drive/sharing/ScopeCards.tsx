import { Radio } from '@mantine/core'
import { Building2, Globe, type LucideIcon, UserRoundCheck } from 'lucide-react'
import { useTexts } from '../../shared/use-texts.ts'
import type { Scope } from './draft.ts'
import styles from './sharing.module.css'

const scopes: { value: Scope; icon: LucideIcon; name: 'anyone' | 'members' | 'chosen' }[] = [
  { value: 1, icon: Globe, name: 'anyone' },
  { value: 2, icon: Building2, name: 'members' },
  { value: 3, icon: UserRoundCheck, name: 'chosen' },
]

/** Whom the link is for, as three cards. */
export function ScopeCards({ value, onChange }: { value: Scope; onChange: (scope: Scope) => void }) {
  const { t } = useTexts()
  return (
    <Radio.Group
      label={t('share.audience')}
      classNames={{ label: styles.label ?? '' }}
      value={String(value)}
      onChange={(chosen) => onChange(scopes.find((scope) => String(scope.value) === chosen)?.value ?? 1)}
    >
      <div className={styles.cards}>
        {scopes.map(({ value: scope, icon: Icon, name }) => (
          <Radio.Card
            key={scope}
            value={String(scope)}
            className={styles.scope}
            {...(scope === value ? { 'data-autofocus': true } : {})}
          >
            <Icon size={22} aria-hidden />
            <span className={styles.scopeName}>{t(`scope.${name}.name`)}</span>
            <span className={styles.scopeText}>{t(`scope.${name}.text`)}</span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  )
}
