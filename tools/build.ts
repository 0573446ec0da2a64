import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['{web,sdk,contract}/{src,public}/**', 'web/*.{ts,json,html}', 'package-lock.json']
const built = `${root}/web/dist/index.html`

function isStale(): boolean {
  if (!existsSync(built)) return true
  const builtAt = statSync(built).mtimeMs
  const exclude = (name: string): boolean => name === 'node_modules'
  return globSync(sources, { cwd: root, exclude }).some((file) => statSync(`${root}/${file}`).mtimeMs > builtAt)
}

/** Builds the web application when a source is newer than it; everything else runs from its sources. Throws when it does not build. */
export function buildStale(): void {
  if (!isStale()) return
  process.stderr.write('Building the web application, once.\n')
  const { status } = spawnSync('npm', ['run', 'build', '--silent', '-w', 'web'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 2],
  })
  if (status !== 0) throw new Error('the web application does not build: run "npm run build -w web"')
}

if (import.meta.main) buildStale()
