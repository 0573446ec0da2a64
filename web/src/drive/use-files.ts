import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Sort, sortTypes } from '../listing/listed-item.ts'
import { type AnswerOf, drive } from '../shared/drive.ts'
import { stepsOf } from './names.ts'

/** A file or folder of the space. */
export type DriveFile = AnswerOf<'listFiles'>['files'][number]

interface Options {
  containerId: string
  /** 0 a folder of the space, 1 its bin. */
  type: 0 | 1
  folderId: string
  sort: Sort
  fileName: string
}

/** One folder, or the bin, page by page. */
export function useFiles({ containerId, type, folderId, sort, fileName }: Options) {
  const query = useInfiniteQuery({
    queryKey: ['files', containerId, type, folderId, sort, fileName],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      drive.listFiles(
        {
          type,
          containerId,
          parentFileId: folderId,
          pageInfo: { pageSize: 100, ...(pageParam === '' ? {} : { pageCursor: pageParam }) },
          sortInfo: { sortType: sortTypes[sort.key], sortDirection: sort.isDescending ? 2 : 1 },
          foldersFirst: type === 0,
          ...(fileName === '' ? {} : { fileName }),
        },
        { signal },
      ),
    placeholderData: (previous, query) => (query?.queryKey[3] === folderId ? previous : undefined),
    getNextPageParam: (page) => page.nextCursor,
  })
  const items = useMemo(() => query.data?.pages.flatMap(({ files }) => files) ?? [], [query.data])
  return { ...query, items }
}

/** The steps from the top of the space down to a folder, without the top itself. */
export function usePath(containerId: string, folderId: string) {
  return useQuery({
    queryKey: ['files', containerId, 'path', folderId],
    enabled: folderId !== 'root',
    queryFn: async ({ signal }) => stepsOf(await drive.getFilePath({ fileId: folderId, containerId }, { signal })),
  })
}
