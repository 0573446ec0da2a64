import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findChromium, launchChromium } from './chromium.ts'

test('Chromium shows a page and runs its script', async () => {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.setContent('<title>before</title><script>document.title = "after"</script>')
    assert.equal(await page.title(), 'after')
  } finally {
    await browser.close()
  }
})

function withOnlyThisAptGet(script: string, run: (folder: string) => void): void {
  const { PATH: path, DRIVEWAY_TEST_CHROMIUM: chosen } = process.env
  const folder = mkdtempSync(join(tmpdir(), 'driveway-path-'))
  writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'apt-get'), 0o755)
  process.env.PATH = folder
  delete process.env.DRIVEWAY_TEST_CHROMIUM
  try {
    run(folder)
  } finally {
    process.env.PATH = path
    if (chosen !== undefined) process.env.DRIVEWAY_TEST_CHROMIUM = chosen
    rmSync(folder, { recursive: true })
  }
}

test('a Chromium that is missing and cannot be installed is refused with the line to run', () => {
  withOnlyThisAptGet('exit 1', () => {
    assert.throws(() => findChromium(), /apt-get install -y --no-install-recommends chromium fonts-noto-cjk/)
  })
})

test('root gets a missing Chromium installed, others are asked to', () => {
  const isRoot = process.getuid?.() === 0
  const install = 'case "$*" in *" install "*) d="${0%/*}"; echo > "$d/chromium"; /bin/chmod 755 "$d/chromium";; esac'
  withOnlyThisAptGet(install, (folder) => {
    if (isRoot) assert.equal(findChromium(), join(folder, 'chromium'))
    else assert.throws(() => findChromium(), /as root/)
  })
})
