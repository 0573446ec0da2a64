import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { testS3 } from '../testing/radosgw.ts'
import { describeBlobStore } from './blob-store.contract.ts'
import { openS3Blobs, parseS3Url } from './s3.ts'

const { stop, createBucket, ...access } = await testS3()
after(stop)

describeBlobStore('contents in an S3 bucket', async () => {
  const bucket = `blobs-${randomBytes(6).toString('hex')}`
  await createBucket(bucket)
  const store = await openS3Blobs({ bucket, prefix: 'some/where', ...access })
  return { store, cleanup: () => store.close() }
})

test('an S3 address names bucket, prefix, endpoint and region', () => {
  const full = parseS3Url(
    's3://files/a/b/?endpoint=http://127.0.0.1:9000&region=eu-1&publicEndpoint=https://s3.example.org',
  )
  assert.deepEqual(full, {
    bucket: 'files',
    prefix: 'a/b',
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu-1',
    publicEndpoint: 'https://s3.example.org',
  })
  assert.equal(parseS3Url('s3://files').prefix, '')
})

test('an S3 address with credentials or anything unknown in it is refused without repeating it', () => {
  const wrong = ['', 'files', 'https://files/', 's3://', 's3://key:secret@files/', 's3://files?accessKeyId=secret']
  wrong.push(
    's3://files?endpoint=secret',
    's3://files?endpoint=ftp://secret/',
    's3://files?endpoint=http://u:secret@x/',
  )
  for (const text of wrong) {
    assert.throws(
      () => parseS3Url(text),
      (error) => error instanceof TypeError && !error.message.includes('secret'),
    )
  }
})

test('a bucket that is not there fails the check and is not created', async () => {
  const store = await openS3Blobs({ bucket: `none-${randomBytes(6).toString('hex')}`, ...access })
  try {
    await assert.rejects(store.check())
    await assert.rejects(store.check())
    await assert.rejects(store.beginUpload(randomBytes(16).toString('hex'), 5))
  } finally {
    await store.close()
  }
})
