import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../server/src/testing/chromium.ts'
import { startTestServer, type TestServer } from '../server/src/testing/server.ts'
import { openWindow, visit } from './visitors.ts'

let server: TestServer
let browser: Browser

before(async () => {
  server = await startTestServer({ engine: 'sqlite' })
  browser = await launchChromium()
})
after(async () => {
  await browser?.close()
  await server?.close()
})

test("a stranger who follows a link in the vendor's form lands on the link's page", async () => {
  const { admin, adminSpace } = server
  const folder = await admin.createFolder({ fileName: 'Plans', fileType: '10', containerId: adminSpace })
  const { shareLink } = await admin.createShare({
    scope: 1,
    fileIds: [folder.id],
    containerId: adminSpace,
    validDays: 7,
  })
  const context = await openWindow(browser, { width: 1280 })
  for (const path of ['/cloudfile/', '/cloudfile/index.html']) {
    const page = await visit(context, `${server.url}${path}#/sharelink/i/${shareLink.shortUrl}`)
    await page.getByText('Plans').first().waitFor()
    assert.equal(page.url(), `${server.url}/s/${shareLink.shortUrl}`)
    assert.deepEqual(page.complaints, [])
    await page.close()
  }
})
