import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAnswerReader, type WireAnswer, writeRequest } from './exchange.ts'

function readAll(chunks: string[]): WireAnswer[] {
  const answers: WireAnswer[] = []
  const read = createAnswerReader(true, (answer) => answers.push(answer))
  for (const chunk of chunks) read(Buffer.from(chunk))
  return answers
}

test('an answer is one answer however the network cuts it', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
  const expected = [{ status: 200, bytes: 5, body: 'hello' }]
  assert.deepEqual(readAll([text]), expected)
  assert.deepEqual(readAll(text.split('')), expected)
})

test('answers follow each other on one connection', () => {
  const answers = readAll([
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n',
  ])
  assert.deepEqual(
    answers.map(({ status, bytes }) => [status, bytes]),
    [
      [200, 2],
      [204, 0],
      [400, 0],
    ],
  )
})

test('bytes that nobody asked for are an error, not speed', () => {
  assert.throws(() => readAll(['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay']), /more bytes/)
})

test('a request carries the length of its body in bytes', () => {
  assert.match(writeRequest({ method: 'POST', path: '/x', body: '{"a":"é"}' }), /content-length: 10\r\n\r\n\{/)
})
