import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Sort, sortTypes } from '../listing/listed-item.ts'
import type { LinkState } from './use-link.ts'

interface Options {
  shortUrl: string
  link: LinkState
  parentFolder?: string | undefined
  sort: Sort
  fileName: string
}

/** One folder of an opened link, page by page; the first look at the top counts as a view. */
export function useShareFiles({ shortUrl, link, parentFolder, sort, fileName }: Options) {
  const { door, token } = link
  const query = useInfiniteQuery({
    queryKey: ['share-files', shortUrl, door.isSignedIn, token, parentFolder, sort, fileName],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      door.list(
        {
          shortUrl,
          ...(parentFolder === undefined ? {} : { parentFolder }),
          ...(token === undefined ? {} : { kdstoken: token }),
          ...(fileName === '' ? {} : { fileName }),
          ...(pageParam === '' ? {} : { pageCursor: pageParam }),
          pageSize: 100,
          sortType: sort.key === 'recycled' ? sortTypes.modified : sortTypes[sort.key],
          sortDirection: sort.isDescending ? 2 : 1,
          foldersFirst: true,
          refreshCount: isFirstLook(shortUrl, parentFolder, pageParam),
        },
        { signal },
      ),
    placeholderData: (previous, query) => (query?.queryKey[4] === parentFolder ? previous : undefined),
    getNextPageParam: (page) => page.nextCursor,
  })
  const items = useMemo(() => query.data?.pages.flatMap(({ files }) => files) ?? [], [query.data])
  return { ...query, items }
}

/** Asks for a file's address and goes there: the browser itself downloads, with its own bar. */
export function useDownload(shareId: string, { door, token }: LinkState) {
  return useMutation({
    mutationFn: (fileId: string) =>
      door.download({ shareId, fileId, ...(token === undefined ? {} : { kdstoken: token }) }),
    onSuccess: ({ downloadUrl }) => location.assign(downloadUrl),
  })
}

const looked = new Set<string>()

function isFirstLook(shortUrl: string, parentFolder: string | undefined, cursor: string): boolean {
  if (parentFolder !== undefined || cursor !== '' || looked.has(shortUrl)) return false
  looked.add(shortUrl)
  return true
}
