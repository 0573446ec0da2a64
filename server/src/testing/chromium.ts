import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Browser } from 'playwright-core'

const install = ['chromium', 'fonts-noto-cjk', 'fonts-dejavu-core']

/** The path of Chromium (DRIVEWAY_TEST_CHROMIUM or one on PATH); root on Debian installs it, others are told the line to run. */
export function findChromium(): string {
  const found = process.env.DRIVEWAY_TEST_CHROMIUM ?? findOnPath(['chromium', 'chromium-browser', 'google-chrome'])
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && findOnPath(['apt-get']) !== undefined) installChromium()
  const installed = findOnPath(['chromium'])
  if (installed !== undefined) return installed
  throw new Error(
    `no Chromium for the browser tests: run "apt-get update && apt-get install -y --no-install-recommends ${install.join(' ')}" as root`,
  )
}

/** A headless Chromium that goes to no network of its own accord; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  return chromium.launch({
    // without a UTF-8 locale it cannot read files whose names are not ASCII
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    executablePath: findChromium(),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

function findOnPath(names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function installChromium(): void {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=600']
  for (const command of [['update'], ['install', '-y', '--no-install-recommends', ...install]]) {
    // A failure is on the screen in apt-get's own words; the caller then names the line to run.
    spawnSync('apt-get', [...options, ...command], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 2, 2],
    })
  }
}
