import { ActionIcon, Button, type MantineColorScheme, useMantineColorScheme } from '@mantine/core'
import { Moon, Sun, SunMoon } from 'lucide-react'
import { chooseLanguage } from '../i18n/setup.ts'
import { useTexts } from './use-texts.ts'

/** The two switches of every page: language, and light or dark. */
export function Appearance() {
  return (
    <>
      <LanguageSwitch />
      <SchemeSwitch />
    </>
  )
}

function LanguageSwitch() {
  const { i18n, language } = useTexts()
  const other = language === 'zh' ? 'en' : 'zh'
  const names = {
    en: { short: 'EN', full: 'English', tag: 'en' },
    zh: { short: '中文', full: '简体中文', tag: 'zh-CN' },
  }
  const { short, full, tag } = names[other]
  return (
    <Button
      variant="subtle"
      color="gray"
      px={10}
      lang={tag}
      title={full}
      aria-label={`${short} ${full}`}
      onClick={() => chooseLanguage(i18n, other)}
    >
      {short}
    </Button>
  )
}

const next: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' }
const icons = { auto: SunMoon, light: Sun, dark: Moon }

function SchemeSwitch() {
  const { t } = useTexts()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Icon = icons[colorScheme]
  const label = t('appearance.scheme', { now: t(`appearance.${colorScheme}`) })
  return (
    <ActionIcon aria-label={label} title={label} onClick={() => setColorScheme(next[colorScheme])}>
      <Icon size={20} />
    </ActionIcon>
  )
}
