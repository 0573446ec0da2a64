import { Link, Outlet } from '@tanstack/react-router'
import { FolderClosed, Trash2 } from 'lucide-react'
import { AccountMenu } from '../shared/AccountMenu.tsx'
import { Appearance } from '../shared/Appearance.tsx'
import { Logo } from '../shared/Logo.tsx'
import { type Person, useSession } from '../shared/session.ts'
import { useTexts } from '../shared/use-texts.ts'
import styles from './drive.module.css'
import { QuotaBar } from './QuotaBar.tsx'
import { SignInPage } from './SignInPage.tsx'
import { SpaceProvider } from './space.tsx'
import { UploadPanel } from './upload/UploadPanel.tsx'
import { UploadProvider } from './upload/UploadProvider.tsx'

/** The frame of the drive, or the way in. */
export function Shell() {
  const session = useSession()
  const { t } = useTexts()
  if (session.isPending) return <output className="dw-hidden">{t('list.loading')}</output>
  if (!session.data) return <SignInPage error={session.error} />
  return <SignedIn key={session.data.innerUserId} person={session.data} />
}

function SignedIn({ person }: { person: Person }) {
  const { t } = useTexts()
  return (
    <SpaceProvider person={person}>
      <UploadProvider>
        <a href="#content" className={styles.skip} onClick={skipToContent}>
          {t('nav.skip')}
        </a>
        <div className={styles.shell}>
          <header className={styles.top}>
            <Link to="/" className={styles.brand}>
              <Logo />
              Driveway
            </Link>
            <span className={styles.topTools}>
              <Appearance />
              <AccountMenu person={person} />
            </span>
          </header>
          <nav className={styles.side} aria-label={t('nav.label')}>
            <Link to="/" className={styles.sideLink} activeOptions={{ exact: true }}>
              <FolderClosed size={20} aria-hidden />
              {t('nav.files')}
            </Link>
            <Link to="/bin" className={styles.sideLink}>
              <Trash2 size={20} aria-hidden />
              {t('nav.bin')}
            </Link>
            <QuotaBar />
          </nav>
          <main id="content" tabIndex={-1} className={styles.main}>
            <Outlet />
          </main>
        </div>
        <UploadPanel />
      </UploadProvider>
    </SpaceProvider>
  )
}

// The address of a page lives in the fragment, so the link must not change it.
function skipToContent(event: { preventDefault: () => void }): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('#content')?.focus()
}
