import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../server/src/testing/chromium.ts'
import { startTestServer, testPassword, type TestPerson, type TestServer } from '../server/src/testing/server.ts'
import { expectAccessible, expectFits, openWindow, signIn, visit } from './visitors.ts'

const names = ['报告 第三季度.txt', 'a&b #1 100%.bin', 'تقرير.md', "it's “quoted”.txt"]
const inside = 'photos'

let server: TestServer
let browser: Browser
let ada: TestPerson
let folder: string
const contents = new Map<string, Buffer>()

before(async () => {
  server = await startTestServer({ engine: 'sqlite' })
  browser = await launchChromium()
  ada = await server.person('ada', { name: 'Ada Lovelace' })
  folder = await mkdtemp(join(tmpdir(), 'driveway-e2e-'))
  await mkdir(join(folder, inside))
  for (const [index, name] of names.entries()) await putFile(name, 40_000 * index + 7)
  await putFile(`${inside}/deep one.jpg`, 6_000_000)
})

after(async () => {
  await browser?.close()
  await server?.close()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

async function putFile(name: string, size: number): Promise<void> {
  const bytes = Buffer.alloc(size, name)
  contents.set(name, bytes)
  await writeFile(join(folder, name), bytes)
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })

async function downloadOf(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Download ${name}`, exact: true }).click(),
  ])
  assert.equal(download.suggestedFilename(), name)
  return readFile(await download.path())
}

let link = ''
let code = ''

test('Ada uploads files and a folder, and shares them with a code', async () => {
  const context = await openWindow(browser, { width: 1280 })
  const page = await visit(context, server.url)
  await page.getByRole('heading', { name: 'Driveway' }).waitFor()
  await expectAccessible(page, 'sign in')
  await signIn(page, 'ada', 'not her password')
  await page.getByRole('alert').waitFor()
  await signIn(page, 'ada', testPassword)
  await page.getByText('This folder is empty').waitFor()

  const [files, tree] = [page.locator('input[type=file]').nth(0), page.locator('input[type=file]').nth(1)]
  await files.setInputFiles(names.map((name) => join(folder, name)))
  // the page takes another form when its first files arrive; a folder chosen in that moment would be chosen on the old one
  await page.getByText('4 files uploaded').waitFor()
  for (const name of names) await row(page, name).waitFor()
  await tree.setInputFiles(join(folder, inside))
  await page.getByText('5 files uploaded').waitFor()
  for (const name of [...names, inside]) await row(page, name).waitFor()
  await expectAccessible(page, 'my files')
  await page.getByRole('region', { name: 'Uploads' }).getByRole('button', { name: 'Close' }).click()

  await page.getByRole('checkbox', { name: 'Choose all' }).click()
  await page.getByRole('toolbar').getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Share 5 items').waitFor()
  await expectAccessible(page, 'share dialog')
  code = await dialog.getByRole('textbox', { name: 'Access code' }).inputValue()
  assert.match(code, /^[0-9A-Za-z]{8}$/)
  await dialog.getByRole('button', { name: 'Create link' }).click()
  await dialog.getByText('Your link is ready').waitFor()
  await dialog.getByRole('img', { name: 'QR code of the link' }).waitFor()
  await expectAccessible(page, 'link')
  link = (await dialog.getByText(`${server.url}/s/`).textContent()) ?? ''
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  const focused = page.getByRole('toolbar').getByRole('button', { name: 'Share' })
  await page.waitForFunction((button) => document.activeElement === button, await focused.elementHandle())
  assert.deepEqual(page.complaints, [])
  await context.close()
})

for (const width of [390, 1280]) {
  test(`a stranger opens the link with its code at ${width} px and gets the very bytes`, async () => {
    const context = await openWindow(browser, { width })
    const page = await visit(context, link)
    const input = page.getByLabel('Access code')
    await input.waitFor()
    assert.equal(await page.getByText('Ada Lovelace shared something with you').count(), 1)
    const source = await page.content()
    for (const name of names) assert.ok(!source.includes(name), 'nothing of the content is known before the code')
    await expectAccessible(page, 'code entry')
    await expectFits(page, 'code entry')

    await input.fill('Wrong123')
    await page.keyboard.press('Enter')
    await page.getByText('This code is wrong.').waitFor()
    assert.equal(await page.getByText(/\d+ tr(y|ies) left/).count(), 1)
    await expectAccessible(page, 'wrong code')

    await input.fill(code)
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await row(page, names[0] ?? '').waitFor()
    await page.getByText('Ends in 7 days').waitFor()
    await page.getByText('Shared by Ada Lovelace').waitFor()
    await expectAccessible(page, 'shared files')
    await expectFits(page, 'shared files')
    for (const name of names)
      assert.ok((await downloadOf(page, name)).equals(contents.get(name) ?? Buffer.alloc(0)), name)

    await page.getByRole('button', { name: inside, exact: true }).click()
    await row(page, 'deep one.jpg').waitFor()
    assert.ok(
      (await downloadOf(page, 'deep one.jpg')).equals(contents.get(`${inside}/deep one.jpg`) ?? Buffer.alloc(0)),
    )
    await page.goBack()
    await row(page, inside).waitFor()
    await page.getByRole('searchbox').fill('quoted')
    await row(page, names[0] ?? '').waitFor({ state: 'hidden' })
    await row(page, 'quoted').waitFor()
    assert.deepEqual(page.complaints, [])
    await context.close()
  })
}

test('a link that carries its code opens by itself, in Chinese and in the dark', async () => {
  const context = await openWindow(browser, { width: 390, colorScheme: 'dark', locale: 'zh-CN' })
  const page = await visit(context, `${link}#code=${code}`)
  await row(page, names[0] ?? '').waitFor()
  assert.equal(new URL(page.url()).hash, '', 'the code leaves the address bar')
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN')
  await page.getByText('由 Ada Lovelace 分享').waitFor()
  assert.equal(await page.getAttribute('html', 'data-mantine-color-scheme'), 'dark')
  await expectAccessible(page, 'shared files, dark, Chinese')
  await page.getByRole('button', { name: '在手机上打开' }).click()
  await page.getByRole('img', { name: '本页地址的二维码' }).waitFor()
  await expectAccessible(page, 'QR code')
  await context.close()
})

test('every ending has its own words', async () => {
  const context = await openWindow(browser, { width: 390 })
  const unknown = await visit(context, `${server.url}/s/aaaaaaaaaaaaaaaaaaaaaa`)
  await unknown.getByRole('heading', { name: 'There is no such link' }).waitFor()
  await expectAccessible(unknown, 'unknown link')

  const fileId = await newFolder('gone soon')
  const gone = await ada.drive.createShare({ scope: 1, fileIds: [fileId], containerId: ada.space, validDays: 1 })
  await moveToBin(fileId)
  const deleted = await visit(context, gone.shareLink.linkUrl)
  await deleted.getByRole('heading', { name: 'The files are gone' }).waitFor()
  await context.close()
})

test('a link for chosen people asks to sign in, names a wrong account, and opens for the right one', async () => {
  const grace = await server.person('grace', { name: 'Grace Hopper' })
  await server.person('eve', { name: 'Eve' })
  const fileIds = [await newFolder('for Grace')]
  const { shareLink } = await ada.drive.createShare({
    scope: 3,
    userIds: [grace.id],
    fileIds,
    containerId: ada.space,
    validDays: 1,
  })
  const context = await openWindow(browser, { width: 1280 })
  const page = await visit(context, shareLink.linkUrl)
  await page.getByRole('heading', { name: 'Sign in to open this link' }).waitFor()
  await expectAccessible(page, 'sign in for a link')
  await signIn(page, 'eve', testPassword)
  await page.getByText('You are signed in as Eve').waitFor()
  await expectAccessible(page, 'not a receiver')
  await page.getByRole('button', { name: 'Use another account' }).click()
  await signIn(page, 'grace', testPassword)
  await row(page, 'for Grace').waitFor()
  await context.close()
})

test('Ada works by keyboard alone: folder, rename, bin, restore', async () => {
  const context = await openWindow(browser, { width: 1280 })
  const page = await visit(context, server.url)
  await signIn(page, 'ada', testPassword)
  await page.getByRole('button', { name: 'New folder' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByLabel('Name').waitFor()
  await expectAccessible(page, 'new folder')
  await page.keyboard.type('0 first')
  await page.keyboard.press('Enter')
  await row(page, '0 first').waitFor()
  await row(page, '0 first').focus()
  await page.keyboard.press('F2')
  await page.getByRole('dialog').getByLabel('Name').waitFor()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('0 zeroth')
  await page.keyboard.press('Enter')
  await row(page, '0 zeroth').waitFor()
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'row')
  await page.keyboard.press('Delete')
  await row(page, '0 zeroth').waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'Bin' }).click()
  await row(page, '0 zeroth').waitFor()
  await expectAccessible(page, 'bin')
  await page.getByRole('button', { name: 'Restore 0 zeroth' }).click()
  await row(page, '0 zeroth').waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'My files' }).click()
  await row(page, '0 zeroth').waitFor()
  await page.getByRole('button', { name: 'Account of Ada Lovelace' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('Account').waitFor()
  assert.deepEqual(page.complaints, [])
  await context.close()
})

test('files that are dropped are uploaded; one that is cancelled can be tried again', async () => {
  const context = await openWindow(browser, { width: 390 })
  const page = await visit(context, server.url)
  await signIn(page, 'ada', testPassword)
  await page.getByRole('grid').waitFor()
  await page.route('**/*', async (route) => {
    if (route.request().method() === 'PUT') await new Promise((resolve) => setTimeout(resolve, 1000))
    await route.continue()
  })
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    for (const name of ['dropped 文件.txt', 'slow.bin']) transfer.items.add(new File([name], name))
    return transfer
  })
  await page.getByRole('heading', { name: 'My files' }).dispatchEvent('drop', { dataTransfer: dropped })
  const panel = page.getByRole('region', { name: 'Uploads' })
  await panel.getByRole('button', { name: 'Cancel slow.bin' }).click()
  await panel.getByRole('button', { name: 'Try slow.bin again' }).waitFor()
  await row(page, 'dropped 文件.txt').waitFor()
  await expectAccessible(page, 'uploads')
  await expectFits(page, 'uploads')
  await panel.getByRole('button', { name: 'Try slow.bin again' }).click()
  await panel.getByText('2 files uploaded').waitFor()
  await row(page, 'slow.bin').waitFor()
  assert.deepEqual(page.complaints, [])
  await page.unrouteAll({ behavior: 'wait' })
  await context.close()
})

async function newFolder(fileName: string): Promise<string> {
  const { id } = await ada.drive.createFolder({ fileName, fileType: '10', containerId: ada.space })
  return id
}

async function moveToBin(fileId: string): Promise<void> {
  const { data: job } = await ada.drive.createJob({
    taskType: 2,
    actionType: 201,
    dstContainerId: ada.space,
    taskInfo: { srcContainerId: ada.space, fileInfo: [{ fileId }] },
  })
  while ((await ada.drive.getJob({ job_id: job })).data.jobInfo.status < 2) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
