import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** A browser window as a stranger has it: nothing kept, nobody signed in. */
export interface Look {
  width: number
  colorScheme?: 'light' | 'dark'
  locale?: 'en-US' | 'zh-CN'
}

/** What axe found wrong on a page. */
interface Finding {
  id: string
  nodes: { target: unknown[]; any: { message: string }[] }[]
}

/** Opens a fresh window. */
export function openWindow(browser: Browser, look: Look): Promise<BrowserContext> {
  const { width, colorScheme = 'light', locale = 'en-US' } = look
  return browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 800 },
    colorScheme,
    locale,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    timezoneId: 'Europe/Berlin',
  })
}

/** Opens an address of the server and keeps an eye on the page: an uncaught error or a broken policy fails the test. */
export async function visit(context: BrowserContext, url: string): Promise<Page & { complaints: string[] }> {
  const page = Object.assign(await context.newPage(), { complaints: [] as string[] })
  page.on('pageerror', (error) => page.complaints.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) page.complaints.push(message.text())
  })
  await page.goto(url)
  return page
}

/** Runs axe on what the page shows now and wants no violation. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  // Through the debugger, because the page's policy bars scripts that are put into it.
  await page.evaluate(axeSource)
  const findings = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } }
    return (await axe.run()).violations
  })
  const words = findings.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  assert.deepEqual(words, [], `${name} is accessible`)
}

/** Wants a page that does not scroll sideways. */
export async function expectFits(page: Page, name: string): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`)
}

/** Signs in on the page that is open. */
export async function signIn(page: Page, account: string, password: string): Promise<void> {
  await page.locator('input[name=username]').fill(account)
  await page.locator('input[name=password]').fill(password)
  await page.locator('form button[type=submit]').click()
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
