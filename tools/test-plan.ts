import { matchesGlob } from 'node:path'

/** The parts of the test run that can be left out by name. */
export const parts = ['sqlite', 'postgres', 's3', 'browser'] as const

/** One of `parts`. */
export type Part = (typeof parts)[number]

/** What one run of the tests does. */
export interface TestPlan {
  files: string[]
  engines: ('sqlite' | 'postgres')[]
  /** What the chosen files need to be there before they start. */
  needs: ('postgres' | 's3' | 'browser' | 'web')[]
  /** Options for node:test itself, such as --test-name-pattern. */
  nodeOptions: string[]
  /** A sentence for each part that was left out and for a choice of files; empty for a full run. */
  omissions: string[]
}

const partsByName: [Part, RegExp][] = [
  ['browser', /^e2e\/|\.browser\.test\.ts$/],
  ['s3', /(^|\/)(s3|radosgw)[^/]*\.test\.ts$|\.s3\.test\.ts$/],
  ['postgres', /(^|\/)postgres[^/]*\.test\.ts$|\.postgres\.test\.ts$/],
  ['sqlite', /(^|\/)sqlite[^/]*\.test\.ts$|\.sqlite\.test\.ts$/],
]

const usesDatabase = /^(server|cli|e2e|bench)\//

/** The part a test file belongs to by its name, or undefined where it belongs to none. */
export function partOf(file: string): Part | undefined {
  return partsByName.find(([, pattern]) => pattern.test(file))?.[0]
}

/**
 * Turns the words after `npm test --` into a plan over `allFiles` (paths from the root): `--without a,b` leaves parts
 * out, `--test-…` goes to node:test, anything else chooses files by path, piece of a path or glob. Throws an Error with a
 * sentence for the user when a word is not understood or no file is left.
 */
export function planTests(words: string[], allFiles: string[]): TestPlan {
  const { without, patterns, nodeOptions } = readWords(words)
  const chosen = allFiles.filter((file) => patterns.length === 0 || patterns.some((pattern) => isMatch(file, pattern)))
  const left = chosen.filter((file) => without.has(partOf(file) ?? ''))
  const files = chosen.filter((file) => !left.includes(file)).toSorted()
  if (files.length === 0) throw new Error('no test file is left to run')
  const engines = (['sqlite', 'postgres'] as const).filter((engine) => !without.has(engine))
  const omissions = [...without].map((part) => describeOmission(part, left))
  if (patterns.length > 0) omissions.push(`all but ${files.length} of ${allFiles.length} test files`)
  return { files, engines, nodeOptions, omissions, needs: findNeeds(files, engines, patterns.length === 0) }
}

function readWords(words: string[]): { without: Set<string>; patterns: string[]; nodeOptions: string[] } {
  const without = new Set<string>()
  const patterns: string[] = []
  const nodeOptions: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (word === '--without') for (const part of readParts(words[(index += 1)])) without.add(part)
    else if (word.startsWith('--without=')) for (const part of readParts(word.slice(10))) without.add(part)
    else if (word.startsWith('--test-')) nodeOptions.push(word)
    else if (word.startsWith('-')) throw new Error(`unknown option ${word}: there are --without and --test-…`)
    else patterns.push(word.replace(/^\.\//, ''))
  }
  return { without, patterns, nodeOptions }
}

function readParts(list: string | undefined): Part[] {
  const names = (list ?? '').split(',').filter((name) => name !== '')
  return (names.length > 0 ? names : ['']).map((name) => {
    const part = parts.find((known) => known === name)
    if (part === undefined) throw new Error(`"${name}" cannot be left out: the parts are ${parts.join(', ')}`)
    return part
  })
}

function isMatch(file: string, pattern: string): boolean {
  return file.includes(pattern) || matchesGlob(file, pattern)
}

function describeOmission(part: string, left: string[]): string {
  const count = left.filter((file) => partOf(file) === part).length
  return `${part} (${count} test ${count === 1 ? 'file' : 'files'} of its own)`
}

function findNeeds(files: string[], engines: string[], isFullRun: boolean): TestPlan['needs'] {
  const found = new Set(files.map(partOf))
  const needs: TestPlan['needs'] = []
  if (found.has('browser')) needs.push('browser')
  if (found.has('s3')) needs.push('s3')
  if (engines.includes('postgres') && files.some((file) => usesDatabase.test(file))) needs.push('postgres')
  if (found.has('browser') || isFullRun) needs.push('web')
  return needs
}
