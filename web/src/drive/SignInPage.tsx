import { Appearance } from '../shared/Appearance.tsx'
import { Logo } from '../shared/Logo.tsx'
import { SignInForm } from '../shared/SignInForm.tsx'
import { useTexts } from '../shared/use-texts.ts'
import { useTitle } from '../shared/use-title.ts'
import styles from './welcome.module.css'

/** The way in; `error` is why the session could not be read, null when nobody is signed in. */
export function SignInPage({ error }: { error: Error | null }) {
  const { t, explain } = useTexts()
  useTitle(t('signIn.submit'))
  return (
    <div className={styles.welcome}>
      <header className={styles.welcomeTop}>
        <Appearance />
      </header>
      <main className={styles.welcomeCard}>
        <Logo size={52} />
        <h1 className={styles.welcomeTitle}>{t('signIn.title')}</h1>
        <p className={styles.welcomeText}>{t('signIn.text')}</p>
        {error && <p role="alert">{explain(error)}</p>}
        <div className={styles.welcomeForm}>
          <SignInForm />
        </div>
      </main>
    </div>
  )
}
