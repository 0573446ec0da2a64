import { createInstance, type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from './en.ts'
import { zh } from './zh.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
  }
}

/** The languages there are; each has its message file beside this one. */
export type Language = 'en' | 'zh'

const storageKey = 'driveway.language'

/** The language somebody chose on this device, else the first of the browser's that we speak. */
export function detectLanguage(): Language {
  const known = [readChoice(), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase())
  return known.find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}

/** The BCP 47 tag of a language, for `lang` attributes, dates and numbers. */
export function localeOf(language: string): string {
  return language === 'zh' ? 'zh-CN' : 'en-US'
}

/** Starts the translations in the visitor's language and keeps `<html lang>` with them. */
export function startI18n(): i18n {
  const instance = createInstance()
  instance.on('languageChanged', (language) => {
    document.documentElement.lang = localeOf(language)
  })
  void instance.use(initReactI18next).init({
    lng: detectLanguage(),
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
    initAsync: false,
  })
  return instance
}

/** Switches the language and remembers it on this device. */
export function chooseLanguage(instance: i18n, language: Language): void {
  try {
    localStorage.setItem(storageKey, language)
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
  void instance.changeLanguage(language)
}

function readChoice(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined
  } catch {
    return undefined
  }
}
