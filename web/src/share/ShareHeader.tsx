import { Clock, Download, Eye, FilePen } from 'lucide-react'
import { Avatar } from '../shared/Avatar.tsx'
import { daysUntil, formatMoment } from '../shared/format.ts'
import { useTexts } from '../shared/use-texts.ts'
import type { LinkFacts, SharedItem } from './door.ts'
import styles from './share.module.css'

/** Names of what is shared, the sharer, the end of the link and the visitor's rights in words. */
export function ShareHeader({ facts, items, hasMore }: { facts: LinkFacts; items: SharedItem[]; hasMore: boolean }) {
  const { t, locale } = useTexts()
  const days = daysUntil(facts.expireTime)
  const rights = rightsOf(facts.permission)
  const Icon = { view: Eye, download: Download, edit: FilePen }[rights]
  return (
    <section className={styles.header}>
      <h1 className={styles.title}>
        <Names items={items} hasMore={hasMore} />
      </h1>
      <div className={styles.facts}>
        <span className={styles.sharer}>
          <Avatar name={facts.ownerName} size={32} />
          <span>{t('landing.sharedBy', { name: facts.ownerName })}</span>
        </span>
        <span className={styles.fact} data-soon={days <= 1 || undefined} title={formatMoment(facts.expireTime, locale)}>
          <Clock size={16} aria-hidden />
          {days <= 1
            ? t('landing.endsAt', { moment: formatMoment(facts.expireTime, locale) })
            : t('landing.endsIn', { count: days })}
        </span>
        <span className={styles.fact}>
          <Icon size={16} aria-hidden />
          {t(`rights.${rights}`)}
        </span>
      </div>
      {facts.comment && <p className={styles.message}>{facts.comment}</p>}
    </section>
  )
}

function Names({ items, hasMore }: { items: SharedItem[]; hasMore: boolean }) {
  const { t } = useTexts()
  const first = items[0]?.fileName
  if (first === undefined) return t('landing.shared')
  if (hasMore) return t('landing.nameAndMany', { name: first, count: items.length - 1 })
  return items.length === 1 ? <bdi>{first}</bdi> : t('landing.nameAndMore', { name: first, count: items.length - 1 })
}

/** What a visitor may do with a link, as one of three words. */
function rightsOf(permission: LinkFacts['permission']): 'view' | 'download' | 'edit' {
  if (permission.edit === true) return 'edit'
  return permission.download === false ? 'view' : 'download'
}
