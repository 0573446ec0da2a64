import '@mantine/core/styles/PasswordInput.css'
import '@mantine/core/styles/Stack.css'
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { TriangleAlert } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useSignIn } from './session.ts'
import { useTexts } from './use-texts.ts'

/** Account and password; whoever shows it goes on by the session. */
export function SignInForm() {
  const { t, explain } = useTexts()
  const signIn = useSignIn()
  const [account, setAccount] = useState('')
  const [password, setPassword] = useState('')
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (account !== '' && password !== '') signIn.mutate({ account, password })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t('signIn.account')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          ref={first}
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('signIn.password')}
          name="password"
          size="md"
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {signIn.error && (
          <Alert role="alert" color="red" icon={<TriangleAlert size={20} aria-hidden />}>
            {explain(signIn.error)}
          </Alert>
        )}
        <Button type="submit" loading={signIn.isPending}>
          {t('signIn.submit')}
        </Button>
      </Stack>
    </form>
  )
}
