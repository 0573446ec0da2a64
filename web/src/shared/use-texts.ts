import { useTranslation } from 'react-i18next'
import { localeOf } from '../i18n/setup.ts'
import { errorText } from './drive.ts'

/** Translations, the locale for dates and numbers, and errors in words. */
export function useTexts() {
  const { t, i18n } = useTranslation()
  const language = i18n.resolvedLanguage ?? 'en'
  return {
    t,
    i18n,
    language,
    locale: localeOf(language),
    explain: (error: unknown): string => errorText(error, language, t('error.network')),
  }
}
