import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { en } from './en.ts'
import { zh } from './zh.ts'

type Messages = { [name: string]: string | Messages }

const english = flatten(en)
const chinese = flatten(zh)

test('both languages have the same messages', () => {
  assert.deepEqual([...stems(chinese)].toSorted(), [...stems(english)].toSorted())
})

test('a message has the same blanks in both languages', () => {
  for (const [key, text] of chinese) {
    const original = english.get(key)
    assert.ok(original !== undefined, key)
    assert.deepEqual(blanks(text), blanks(original), key)
  }
})

test('counted messages have the forms of their language and no other', () => {
  for (const key of english.keys()) {
    if (key.endsWith('_one')) assert.ok(english.has(key.replace(/_one$/, '_other')), key)
    if (key.endsWith('_other')) assert.ok(english.has(key.replace(/_other$/, '_one')), key)
  }
  assert.deepEqual(
    [...chinese.keys()].filter((key) => key.endsWith('_one')),
    [],
  )
})

test('nothing is empty, and nothing in Chinese was left in English', () => {
  for (const [key, text] of [...english, ...chinese]) assert.notEqual(text.trim(), '', key)
  const same = [...chinese].filter(([key, text]) => text === english.get(key)).map(([key]) => key)
  assert.deepEqual(same, ['signIn.title'])
})

test('every message is used, and every message used is there', () => {
  const used = new Set<string>()
  const patterns: RegExp[] = []
  for (const source of sources()) {
    for (const [, key] of source.matchAll(/\bt\(\s*'([\w.]+)'/g)) used.add(key ?? '')
    for (const [, key] of source.matchAll(/\bt\(\s*`([^`]+)`/g)) {
      patterns.push(new RegExp(`^${(key ?? '').replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '\\w+')}$`))
    }
  }
  const known = stems(english)
  assert.deepEqual(
    [...used].filter((key) => !known.has(key)),
    [],
  )
  const unused = [...known].filter((key) => !used.has(key) && !patterns.some((pattern) => pattern.test(key)))
  assert.deepEqual(unused, [])
})

function flatten(messages: Messages, prefix = ''): Map<string, string> {
  const entries = Object.entries(messages).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + name, value]] : [...flatten(value, `${prefix}${name}.`)],
  )
  return new Map(entries)
}

function stems(messages: Map<string, string>): Set<string> {
  return new Set([...messages.keys()].map((key) => key.replace(/_(one|other)$/, '')))
}

function blanks(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').toSorted()
}

function sources(): string[] {
  const root = fileURLToPath(new URL('..', import.meta.url))
  return globSync('**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.startsWith('i18n'))
    .map((path) => readFileSync(`${root}/${path}`, 'utf8'))
}
