import '@mantine/core/styles/Popover.css'
import '@mantine/core/styles/Menu.css'
import { Menu, UnstyledButton } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { Avatar } from './Avatar.tsx'
import { type Person, useSignOut } from './session.ts'
import { useTexts } from './use-texts.ts'

/** Who is signed in, and the way out. */
export function AccountMenu({ person }: { person: Person }) {
  const { t } = useTexts()
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton style={{ display: 'grid', placeItems: 'center', width: 44, height: 44, borderRadius: 22 }}>
          <span className="dw-hidden">{t('account.menu', { name: person.userName })}</span>
          <Avatar name={person.userName} size={32} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <bdi>{person.userName}</bdi>
          {person.orgName && ` · ${person.orgName}`}
        </Menu.Label>
        <Menu.Item leftSection={<LogOut size={18} aria-hidden />} onClick={() => signOut.mutate()}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
