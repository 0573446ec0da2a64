/** What a row of a listing needs to know of a file or folder. */
export interface ListedItem {
  id: string
  fileName: string
  fileType: string
  fileSuffix: string
  size?: number
  editedTime: string
}

/** What a listing is ordered by. */
export type SortKey = 'name' | 'size' | 'modified' | 'recycled'

/** An order: key and direction. */
export interface Sort {
  key: SortKey
  isDescending: boolean
}

/** The numbers the API uses for sort keys. */
export const sortTypes = { name: 1, size: 2, modified: 4, recycled: 5 } as const

/** One step of a path: a folder's id and name. */
export interface Step {
  id: string
  name: string
}

/** Whether an entry is a folder. */
export function isFolder(item: Pick<ListedItem, 'fileType'>): boolean {
  return item.fileType === '10'
}

/** The order after a click on a column: the same column turns round, another starts the way that is usual for it. */
export function nextSort(sort: Sort, key: SortKey): Sort {
  return sort.key === key ? { key, isDescending: !sort.isDescending } : { key, isDescending: key !== 'name' }
}
