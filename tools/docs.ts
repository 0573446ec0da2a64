import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeSettings } from '../server/src/config.ts'
import { buildOpenApi } from '../server/src/http/openapi.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The generated pages: path from the root → text. */
export function generateDocs(): Record<string, string> {
  const document = buildOpenApi({ publicUrl: 'http://localhost:8080' })
  return {
    'docs/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
    'docs/configuration.md': configurationPage(),
  }
}

/** The generated pages whose file says something else, or is not there. */
export function findStale(pages: Record<string, string>): string[] {
  return Object.entries(pages)
    .filter(([path, text]) => readPage(path) !== text)
    .map(([path]) => path)
}

function readPage(path: string): string | undefined {
  try {
    return readFileSync(`${root}/${path}`, 'utf8')
  } catch {
    return undefined
  }
}

function configurationPage(): string {
  const rows = describeSettings().map(({ name, default: value, description, secret }) => {
    const shown = value === '' ? '' : `\`${value}\``
    return `| \`${name}\` | ${shown} | ${description.replaceAll('|', '\\|')}${secret ? ' **Secret.**' : ''} |`
  })
  return `# Settings

<!-- Written by \`npm run docs\` from server/src/config.ts; changes made here are lost. -->

The drive is set by its environment. All problems are reported at once at the start, and a name that begins with
\`DRIVEWAY_\` and is none of these is refused.

Every setting can also come from a file: \`DRIVEWAY_SECRET_KEY_FILE=/run/secrets/key\` reads the text of that file, without
blanks at its ends. Use this for the secret ones, so that they stand in no process list.

| name | default | meaning |
|---|---|---|
${rows.join('\n')}
`
}

function main(): void {
  const pages = generateDocs()
  const stale = findStale(pages)
  if (!process.argv.includes('--check')) {
    for (const path of stale) writeFileSync(`${root}/${path}`, pages[path] ?? '')
    console.log(stale.length > 0 ? `wrote ${stale.join(', ')}` : 'the generated pages are up to date')
    return
  }
  if (stale.length === 0) return
  console.error(`${stale.join(', ')}: not what the code says; run "npm run docs"`)
  process.exitCode = 1
}

if (import.meta.main) main()
