import { lazy, Suspense } from 'react'
import { Appearance } from '../shared/Appearance.tsx'
import { Logo } from '../shared/Logo.tsx'
import { useTexts } from '../shared/use-texts.ts'
import { useTitle } from '../shared/use-title.ts'
import { CodeGate } from './CodeGate.tsx'
import { Ending } from './Ending.tsx'
import { PageQr } from './PageQr.tsx'
import styles from './share.module.css'
import { ShareContent } from './ShareContent.tsx'
import { type LinkState, useLink } from './use-link.ts'

const AccountMenu = lazy(async () => ({ default: (await import('../shared/AccountMenu.tsx')).AccountMenu }))

/** The page of one link: its ending, its code entry, or what is inside. */
export function SharePage({ shortUrl }: { shortUrl: string }) {
  const { t } = useTexts()
  const link = useLink(shortUrl)
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <span className={styles.brand}>
          <Logo />
          Driveway
        </span>
        <span className={styles.topTools}>
          <PageQr />
          <Appearance />
          {link.person && (
            <Suspense>
              <AccountMenu person={link.person} />
            </Suspense>
          )}
        </span>
      </header>
      <main className={styles.main}>
        <Stage shortUrl={shortUrl} link={link} />
      </main>
      <footer className={styles.foot}>{t('landing.foot')}</footer>
    </div>
  )
}

function Stage({ shortUrl, link }: { shortUrl: string; link: LinkState }) {
  const { t } = useTexts()
  const ownerName = link.facts.data?.ownerName
  useTitle(ownerName && t('landing.sharedBy', { name: ownerName }))
  if (link.failure) return <Ending error={link.failure} link={link} />
  if (!link.isReady || !link.facts.data) {
    return (
      <output className={styles.waiting}>
        <span className="dw-hidden">{t('list.loading')}</span>
      </output>
    )
  }
  if (link.needsCode) return <CodeGate link={link} facts={link.facts.data} />
  return <ShareContent shortUrl={shortUrl} link={link} facts={link.facts.data} />
}
