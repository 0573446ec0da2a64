import { MantineThemeProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { useMemo } from 'react'
import { useTexts } from '../shared/use-texts.ts'

/** Where short messages appear; each can be closed by a button that has a name. */
export function Toasts() {
  const { t } = useTexts()
  const label = t('action.close')
  const theme = useMemo(() => {
    const closeButtonProps = { 'aria-label': label, size: 44, iconSize: 20 }
    return { components: { Notification: { defaultProps: { closeButtonProps } } } }
  }, [label])
  return (
    <MantineThemeProvider theme={theme} inherit>
      <Notifications position="bottom-left" autoClose={6000} />
    </MantineThemeProvider>
  )
}
