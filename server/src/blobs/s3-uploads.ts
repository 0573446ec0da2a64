import type * as Sdk from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'

interface Address {
  Bucket: string
  Key: string
}

/** True when the object store says that there is no such object or no such upload. */
export function saysMissing(error: unknown): boolean {
  return error instanceof Error && ['NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(error.name)
}

/** The HTTP status the object store answered with, if it answered. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata = error.$metadata as { httpStatusCode?: number }
  return metadata.httpStatusCode
}

/** The parts that the object store has, by number; undefined when it has no such upload. */
export async function listLandedParts(
  sdk: typeof Sdk,
  client: S3Client,
  upload: Address & { UploadId: string },
): Promise<Map<number, { tag: string; size: number }> | undefined> {
  const landed = new Map<number, { tag: string; size: number }>()
  try {
    // Not the SDK's paginator: some servers name a next page behind the last one, and it would ask for ever.
    for (let PartNumberMarker: string | undefined, isMore = true; isMore;) {
      const page = await client.send(new sdk.ListPartsCommand({ ...upload, PartNumberMarker }))
      for (const { PartNumber = 0, ETag = '', Size = 0 } of page.Parts ?? [])
        landed.set(PartNumber, { tag: ETag, size: Size })
      PartNumberMarker = page.NextPartNumberMarker
      isMore = page.IsTruncated === true
    }
  } catch (error) {
    if (saysMissing(error)) return undefined
    throw error
  }
  return landed
}

/** Aborts the upload named `ref`, and whatever else was begun for the same key and never used. */
export async function abortUploads(sdk: typeof Sdk, client: S3Client, address: Address, ref: string): Promise<void> {
  const begun = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: address.Bucket, Prefix: address.Key }))
  const same = (begun.Uploads ?? []).filter((upload) => upload.Key === address.Key)
  const refs = new Set([ref, ...same.map((upload) => upload.UploadId ?? '')])
  refs.delete('')
  for (const UploadId of refs) await abort(sdk, client, { ...address, UploadId })
}

/** Aborts the uploads below our prefix that were begun before a moment; what others keep in the bucket is not ours to touch. */
export async function abortOldUploads(
  sdk: typeof Sdk,
  client: S3Client,
  place: { Bucket: string; Prefix: string },
  before: Date,
): Promise<void> {
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  for (let isMore = true; isMore;) {
    const page = await client.send(new sdk.ListMultipartUploadsCommand({ ...place, ...marker }))
    for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
      const isOurs = /^[0-9a-f]{32}$/.test(Key.slice(place.Prefix.length))
      if (isOurs && Initiated !== undefined && Initiated < before)
        await abort(sdk, client, { Bucket: place.Bucket, Key, UploadId })
    }
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
    isMore = page.IsTruncated === true
  }
}

async function abort(
  sdk: typeof Sdk,
  client: S3Client,
  upload: Address & { UploadId: string | undefined },
): Promise<void> {
  await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch((error: unknown) => {
    if (!saysMissing(error)) throw error
  })
}
