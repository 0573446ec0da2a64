import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core'
import { Check, Languages, Moon, Sun, SunMoon } from 'lucide-react'
import type { ReactNode } from 'react'
import { chooseLanguage, type Language } from '../i18n/setup.ts'
import { useTexts } from './use-texts.ts'

/** The two switches of every page: language, and light or dark. */
export function Appearance() {
  return (
    <>
      <LanguageMenu />
      <SchemeMenu />
    </>
  )
}

function LanguageMenu() {
  const { t, i18n, language } = useTexts()
  const names: Record<Language, string> = { en: 'English', zh: '简体中文' }
  return (
    <ChoiceMenu
      label={t('appearance.language')}
      icon={<Languages size={20} />}
      chosen={language}
      choices={[
        { value: 'en', text: names.en, lang: 'en' },
        { value: 'zh', text: names.zh, lang: 'zh-CN' },
      ]}
      onChoose={(value) => chooseLanguage(i18n, value === 'zh' ? 'zh' : 'en')}
    />
  )
}

function SchemeMenu() {
  const { t } = useTexts()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const icons = { light: <Sun size={20} />, dark: <Moon size={20} />, auto: <SunMoon size={20} /> }
  return (
    <ChoiceMenu
      label={t('appearance.scheme')}
      icon={icons[colorScheme]}
      chosen={colorScheme}
      choices={[
        { value: 'auto', text: t('appearance.auto') },
        { value: 'light', text: t('appearance.light') },
        { value: 'dark', text: t('appearance.dark') },
      ]}
      onChoose={(value) => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
    />
  )
}

interface ChoiceMenuProps {
  label: string
  icon: ReactNode
  chosen: string
  choices: { value: string; text: string; lang?: string }[]
  onChoose: (value: string) => void
}

function ChoiceMenu({ label, icon, chosen, choices, onChoose }: ChoiceMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={label} title={label}>
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label={label}>
        {choices.map(({ value, text, lang }) => (
          <Menu.Item
            key={value}
            lang={lang}
            role="menuitemradio"
            aria-checked={value === chosen}
            rightSection={value === chosen && <Check size={16} aria-hidden />}
            onClick={() => onChoose(value)}
          >
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
