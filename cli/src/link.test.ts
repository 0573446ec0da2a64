import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLink } from './link.ts'

test('a link is taken apart, with a path before it and the vendor form too', () => {
  const shortUrl = 'h2Rk0nGd8VbqT5yLw3XsMp'
  for (const [text, server] of [
    [`https://drive.example.com/s/${shortUrl}`, 'https://drive.example.com'],
    [`  http://127.0.0.1:8080/s/${shortUrl}/ `, 'http://127.0.0.1:8080'],
    [`https://example.com/drive/s/${shortUrl}?lang=zh-CN`, 'https://example.com/drive'],
    [`https://example.com/cloudfile/#/sharelink/i/${shortUrl}`, 'https://example.com'],
  ] as const) {
    assert.deepEqual(readLink(text), { server, shortUrl })
  }
})

test('what is no link is refused with an example of one', () => {
  for (const text of [
    '',
    'h2Rk0nGd8V',
    'ftp://example.com/s/abc',
    'https://example.com/',
    'https://example.com/s/a-b',
  ]) {
    assert.throws(() => readLink(text), /is no link of a share/)
  }
})
