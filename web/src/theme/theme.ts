import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type VariantColorsResolver,
} from '@mantine/core'

const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  if (input.variant !== 'filled') return colors
  if (input.color === 'red') {
    return { ...colors, background: 'var(--dw-danger-solid)', hover: 'var(--dw-danger-solid)', color: '#ffffff' }
  }
  return { ...colors, color: 'var(--dw-on-accent)' }
}

/** The theme of both pages: our tokens (tokens.css) behind Mantine's parts, touch targets of 44 px. */
export const theme = createTheme({
  fontFamily: 'var(--dw-font)',
  fontFamilyMonospace: 'var(--dw-mono)',
  headings: { fontFamily: 'var(--dw-font)', fontWeight: '640' },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 4 },
  defaultRadius: 'md',
  radius: { md: '10px', lg: '16px' },
  cursorType: 'pointer',
  variantColorResolver: variantColors,
  respectReducedMotion: true,
  colors: {
    gray: [
      '#f8f7f4',
      '#efede7',
      '#e6e3da',
      '#dfdcd3',
      '#cfcbc0',
      '#b4afa2',
      '#8b877c',
      '#57605c',
      '#3c4441',
      '#1d2422',
    ],
    dark: [
      '#e9eeec',
      '#c3ccc9',
      '#a6b2ae',
      '#74807c',
      '#3b4745',
      '#212928',
      '#1d2423',
      '#1a201f',
      '#121716',
      '#0e1211',
    ],
    pine: [
      '#eaf5f1',
      '#d3e9e1',
      '#a9d6c7',
      '#86cab5',
      '#63c4a5',
      '#3c9a80',
      '#26826a',
      '#1c6b57',
      '#175a49',
      '#0f4739',
    ],
  },
  // Plain objects, not `Button.extend(…)`: that would bring every part named here into every page.
  components: {
    Button: { defaultProps: { size: 'md' }, styles: { root: { minHeight: 44, fontWeight: 560 } } },
    ActionIcon: { defaultProps: { size: 44, variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'md' } },
    InputWrapper: { styles: { label: { fontSize: 14, fontWeight: 560, marginBottom: 6 } } },
    Menu: { defaultProps: { shadow: 'md', radius: 'md' }, styles: { item: { minHeight: 44 } } },
  },
})

const bound = {
  '--mantine-color-body': 'var(--dw-surface)',
  '--mantine-color-text': 'var(--dw-ink)',
  '--mantine-color-bright': 'var(--dw-ink)',
  '--mantine-color-dimmed': 'var(--dw-muted)',
  '--mantine-color-placeholder': 'var(--dw-muted)',
  '--mantine-color-anchor': 'var(--dw-accent-ink)',
  '--mantine-color-error': 'var(--dw-danger)',
  '--mantine-color-default': 'var(--dw-surface)',
  '--mantine-color-default-hover': 'var(--dw-hover)',
  '--mantine-color-default-color': 'var(--dw-ink)',
  '--mantine-color-default-border': 'var(--dw-line)',
  '--mantine-primary-color-contrast': 'var(--dw-on-accent)',
  '--mantine-color-pine-filled': 'var(--dw-accent)',
  '--mantine-color-pine-filled-hover': 'var(--dw-accent-ink)',
  '--mantine-color-pine-light': 'var(--dw-chosen)',
  '--mantine-color-pine-light-color': 'var(--dw-accent-ink)',
  '--mantine-color-pine-text': 'var(--dw-accent-ink)',
  '--mantine-color-pine-outline': 'var(--dw-accent-ink)',
  '--mantine-color-red-light': 'var(--dw-danger-soft)',
  '--mantine-color-red-light-color': 'var(--dw-danger)',
  '--mantine-color-red-text': 'var(--dw-danger)',
  '--mantine-color-gray-light-color': 'var(--dw-muted)',
  '--mantine-color-gray-text': 'var(--dw-muted)',
}

/** Binds Mantine's colour variables to our tokens in both schemes. */
export const bindTokens: CSSVariablesResolver = () => ({ variables: {}, light: bound, dark: bound })
