import type * as Sdk from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import type { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { create as contentDisposition } from 'content-disposition'
import { Readable } from 'node:stream'
import { BlobIncompleteError, BlobMismatchError, BlobMissingError, requireBlobKey } from './blob-store.ts'
import type { BlobFacts, BlobStore, ByteRange, ReadPresentation, StagedUpload, UploadPart } from './blob-store.ts'
import { hashStream } from './hashing.ts'
import { exactBody, orderParts, requirePart } from './part-body.ts'
import { readRange } from './read-range.ts'
import { abortOldUploads, abortUploads, listLandedParts, saysMissing, statusOf } from './s3-uploads.ts'
import type { S3Place } from './s3-url.ts'

export { parseS3Url } from './s3-url.ts'
export type { S3Place } from './s3-url.ts'

/** Where the store is and who we are; without a key pair the standard AWS environment chain decides. */
export interface S3Options extends Omit<S3Place, 'prefix'> {
  prefix?: string
  accessKeyId?: string
  secretAccessKey?: string
}

interface Bucket {
  sdk: typeof Sdk
  sign: typeof getSignedUrl
  client: S3Client
  /** Signs addresses for clients, who may reach the bucket under another name than we do. */
  publicClient: S3Client
  name: string
  prefix: string
}

/** Keeps contents as objects of an S3 bucket, which must exist. */
export async function openS3Blobs(options: S3Options): Promise<BlobStore> {
  const bucket = await openBucket(options)
  return {
    kind: 's3',
    beginUpload: (key, size) => beginUpload(bucket, key, size),
    signPart: (upload, part, seconds) => signPart(bucket, upload, part, seconds),
    writePart: (upload, part, body) => writePart(bucket, upload, part, body),
    landedParts: (upload) => landedParts(bucket, upload),
    finishUpload: (upload, parts, sha256) => finishUpload(bucket, upload, parts, sha256),
    async abortUpload(upload) {
      await abortUploads(bucket.sdk, bucket.client, addressOf(bucket, upload.key), upload.ref)
    },
    dropStale: (before) =>
      abortOldUploads(bucket.sdk, bucket.client, { Bucket: bucket.name, Prefix: bucket.prefix }, before),
    read: (key, range) => read(bucket, key, range),
    signRead: (key, as, seconds) => signRead(bucket, key, as, seconds),
    localPath(key) {
      requireBlobKey(key)
      return undefined
    },
    remove: (key) => remove(bucket, key),
    async check() {
      await bucket.client.send(new bucket.sdk.HeadBucketCommand({ Bucket: bucket.name }))
    },
    async close() {
      bucket.client.destroy()
      bucket.publicClient.destroy()
    },
  }
}

async function openBucket(options: S3Options): Promise<Bucket> {
  const sdk = await import('@aws-sdk/client-s3')
  const presigner = await import('@aws-sdk/s3-request-presigner')
  const { accessKeyId, secretAccessKey, bucket, prefix = '' } = options
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined
  const open = (endpoint: string | undefined): S3Client =>
    new sdk.S3Client({
      endpoint,
      region: options.region ?? (endpoint === undefined ? undefined : 'us-east-1'),
      forcePathStyle: endpoint !== undefined,
      credentials,
      // Only then do bodies stream to every server: the default adds a trailer that some of them cannot read.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // It would write to the console what we reject with anyway.
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      // It would open a connection for every part.
      expectContinueHeader: false,
      requestHandler: { connectionTimeout: 5000, httpAgent: { maxSockets: 256 }, httpsAgent: { maxSockets: 256 } },
    })
  const client = open(options.endpoint)
  const publicClient = open(options.publicEndpoint ?? options.endpoint)
  return {
    sdk,
    sign: presigner.getSignedUrl,
    client,
    publicClient,
    name: bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
  }
}

function ignore(): void {}

function addressOf(bucket: Bucket, key: string): { Bucket: string; Key: string } {
  requireBlobKey(key)
  return { Bucket: bucket.name, Key: bucket.prefix + key }
}

async function beginUpload(bucket: Bucket, key: string, size: number): Promise<StagedUpload> {
  const address = addressOf(bucket, key)
  if (size === 0) return { key, ref: '', size }
  const begun = await bucket.client.send(new bucket.sdk.CreateMultipartUploadCommand(address))
  if (begun.UploadId === undefined) throw new Error('the object store named no upload')
  return { key, ref: begun.UploadId, size }
}

async function signPart(bucket: Bucket, upload: StagedUpload, part: UploadPart, seconds: number): Promise<string> {
  const address = addressOf(bucket, upload.key)
  requirePart(upload, part)
  const place = { ...address, UploadId: upload.ref, PartNumber: part.number, ContentLength: part.size }
  return bucket.sign(bucket.publicClient, new bucket.sdk.UploadPartCommand(place), { expiresIn: seconds })
}

async function writePart(bucket: Bucket, upload: StagedUpload, part: UploadPart, body: Readable): Promise<void> {
  const address = addressOf(bucket, upload.key)
  requirePart(upload, part)
  const place = { ...address, UploadId: upload.ref, PartNumber: part.number, ContentLength: part.size }
  const exact = exactBody(part.size)
  const stop = new AbortController()
  // The SDK never notices that its body broke: without this it would wait for the rest for ever.
  const broken = new Promise<never>((_, reject) => {
    const fail = (error: Error): void => {
      reject(error)
      stop.abort()
    }
    exact.on('error', fail)
    body.once('error', (error) => exact.destroy(error))
    body.once('close', () => body.readableEnded || exact.destroy(new Error('the body broke off')))
  })
  broken.catch(() => {})
  body.pipe(exact)
  try {
    const command = new bucket.sdk.UploadPartCommand({ ...place, Body: exact })
    await Promise.race([bucket.client.send(command, { abortSignal: stop.signal }), broken])
  } catch (error) {
    throw saysMissing(error) ? new BlobMissingError('no such upload') : error
  } finally {
    body.unpipe(exact)
    exact.destroy()
  }
}

async function landedParts(bucket: Bucket, { key, ref }: StagedUpload): Promise<Map<number, number>> {
  const address = addressOf(bucket, key)
  const landed =
    ref === '' ? undefined : await listLandedParts(bucket.sdk, bucket.client, { ...address, UploadId: ref })
  return new Map([...(landed ?? [])].map(([number, { size }]) => [number, size]))
}

async function finishUpload(
  bucket: Bucket,
  upload: StagedUpload,
  parts: UploadPart[],
  sha256?: string,
): Promise<BlobFacts> {
  const address = addressOf(bucket, upload.key)
  const ordered = orderParts(upload, parts)
  if (upload.size === 0)
    await bucket.client.send(new bucket.sdk.PutObjectCommand({ ...address, Body: new Uint8Array(), ContentLength: 0 }))
  else await joinParts(bucket, upload, ordered)
  const facts = await hashFinished(bucket, upload.key)
  const isWhole = facts.size === upload.size
  if (isWhole && (sha256 === undefined || sha256 === facts.sha256)) return facts
  await remove(bucket, upload.key)
  if (!isWhole) throw new BlobIncompleteError('the object store joined something else than the parts')
  throw new BlobMismatchError('the content has another SHA-256 than was declared')
}

/** Does nothing when the upload is not there any more: then a crash came after it was joined, or there never was one. */
async function joinParts(bucket: Bucket, upload: StagedUpload, parts: UploadPart[]): Promise<void> {
  const place = { ...addressOf(bucket, upload.key), UploadId: upload.ref }
  const landed = await listLandedParts(bucket.sdk, bucket.client, place)
  if (landed === undefined) return
  const tags = parts.map(({ number, size }) => {
    const found = landed.get(number)
    if (found?.size !== size) throw new BlobIncompleteError('a part of the content has not arrived')
    return { PartNumber: number, ETag: found.tag }
  })
  const command = new bucket.sdk.CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts: tags } })
  await bucket.client.send(command).catch((error: unknown) => {
    if (!saysMissing(error)) throw error
  })
}

async function hashFinished(bucket: Bucket, key: string): Promise<BlobFacts> {
  const body = await read(bucket, key).catch((error: unknown) => {
    if (error instanceof BlobMissingError) throw new BlobIncompleteError('the content has not arrived')
    throw error
  })
  return hashStream(body)
}

async function read(bucket: Bucket, key: string, range?: ByteRange): Promise<Readable> {
  const address = addressOf(bucket, key)
  readRange(range)
  const bytes = range && { Range: `bytes=${range.start}-${range.end}` }
  const command = new bucket.sdk.GetObjectCommand({ ...address, ...bytes })
  const answer = await bucket.client.send(command).catch((error: unknown) => {
    if (saysMissing(error)) throw new BlobMissingError('no content under this key')
    if (statusOf(error) === 416) throw new RangeError('the range begins after the end of the content')
    throw error
  })
  if (!(answer.Body instanceof Readable)) throw new Error('the object store gave no stream')
  return answer.Body
}

async function signRead(bucket: Bucket, key: string, as: ReadPresentation, seconds: number): Promise<string> {
  const command = new bucket.sdk.GetObjectCommand({
    ...addressOf(bucket, key),
    ResponseContentDisposition: contentDisposition(as.fileName, { type: as.isInline ? 'inline' : 'attachment' }),
    ResponseContentType: as.mimeType,
  })
  return bucket.sign(bucket.publicClient, command, { expiresIn: seconds })
}

async function remove(bucket: Bucket, key: string): Promise<void> {
  const command = new bucket.sdk.DeleteObjectCommand(addressOf(bucket, key))
  await bucket.client.send(command).catch((error: unknown) => {
    if (!saysMissing(error)) throw error
  })
}
