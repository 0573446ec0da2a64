import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { startI18n } from '../i18n/setup.ts'
import { bindTokens, theme } from '../theme/theme.ts'
import { createQueryClient } from './drive.ts'

/** Puts a page into the document with what every part needs around it: translations, server data, theme. */
export function startPage(page: ReactNode): void {
  const place = document.querySelector('#app')
  if (!place) throw new Error('the page has no #app')
  createRoot(place).render(
    <StrictMode>
      <I18nextProvider i18n={startI18n()}>
        <QueryClientProvider client={createQueryClient()}>
          <MantineProvider theme={theme} cssVariablesResolver={bindTokens} defaultColorScheme="auto">
            {page}
          </MantineProvider>
        </QueryClientProvider>
      </I18nextProvider>
    </StrictMode>,
  )
}
