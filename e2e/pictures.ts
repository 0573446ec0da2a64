import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { uploadFile } from '@driveway/sdk'
import { launchChromium } from '../server/src/testing/chromium.ts'
import { startTestServer, testPassword, type TestPerson } from '../server/src/testing/server.ts'
import { type Look, openWindow, signIn, visit } from './visitors.ts'

// Makes the pictures of the README from the running product: node e2e/pictures.ts

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url))
const files: [string, number][] = [
  ['Budget 2027.xlsx', 482_133],
  ['Contract – draft 3.docx', 86_412],
  ['Floor plan.pdf', 2_482_133],
  ['Kick-off.mp4', 9_310_422],
  ['Opening speech.md', 6_120],
  ['Team photo.jpg', 3_482_133],
  ['季度报告.pptx', 5_240_880],
]

mkdirSync(folder, { recursive: true })
const server = await startTestServer({ engine: 'sqlite', env: { DRIVEWAY_PUBLIC_URL: 'https://drive.example.com' } })
const browser = await launchChromium()
try {
  const ada = await server.person('ada', { name: 'Ada Lovelace' })
  const fileIds = await fillSpace(ada)
  await drawDrive()
  await drawLanding(ada, fileIds)
} finally {
  await browser.close()
  await server.close()
}

async function fillSpace({ drive, space }: TestPerson): Promise<string[]> {
  const folders = ['Designs', 'Minutes'].map((fileName) =>
    drive.createFolder({ fileName, fileType: '10', containerId: space }),
  )
  const ids = (await Promise.all(folders)).map(({ id }) => id)
  for (const [name, size] of files) {
    const source = new Blob([new Uint8Array(size)])
    ids.push((await uploadFile(drive, { source, name, containerId: space })).fileId)
  }
  return ids
}

async function drawDrive(): Promise<void> {
  const { page, draw } = await openPage({ width: 1280 }, server.url)
  await signIn(page, 'ada', testPassword)
  await page.getByText('Team photo.jpg').waitFor()
  await draw('drive')
  await page.getByRole('button', { name: 'Share Floor plan.pdf' }).click()
  await page.getByRole('button', { name: 'Create link' }).waitFor()
  await draw('share-dialog')
}

async function drawLanding({ drive, space }: TestPerson, fileIds: string[]): Promise<void> {
  const { shareLink } = await drive.createShare({ scope: 1, fileIds, containerId: space, validDays: 7 })
  const address = `${server.url}/s/${shareLink.shortUrl}`
  const looks: [string, Look][] = [
    ['link', { width: 1280, colorScheme: 'dark' }],
    ['link-phone', { width: 390 }],
  ]
  for (const [name, look] of looks) {
    const { page, draw } = await openPage(look, address)
    await page.getByText('Team photo.jpg').waitFor()
    await draw(name)
  }
}

async function openPage(look: Look, url: string): Promise<{ page: Page; draw: (name: string) => Promise<void> }> {
  const context = await openWindow(browser, look)
  const page = await visit(context, url)
  const draw = async (name: string): Promise<void> => {
    await page.mouse.move(0, 0)
    await page.waitForTimeout(400)
    await page.screenshot({ path: `${folder}${name}.png` })
  }
  return { page, draw }
}
