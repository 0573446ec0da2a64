import { FolderOpen, SearchX } from 'lucide-react'
import { FileList } from '../listing/FileList.tsx'
import type { Sort } from '../listing/listed-item.ts'
import { EmptyList, FailedList, LoadingList } from '../listing/ListStates.tsx'
import type { Selection } from '../listing/selection.ts'
import { useTexts } from '../shared/use-texts.ts'
import type { Acts } from './FilesPage.tsx'
import { RowMenu } from './RowMenu.tsx'
import type { useFiles } from './use-files.ts'

interface Props {
  files: ReturnType<typeof useFiles>
  sort: Sort
  setSort: (sort: Sort) => void
  selection: { chosen: Selection; onChange: (selection: Selection) => void }
  acts: Acts
  fileName: string
}

/** The rows of a folder, or why there are none. */
export function FilesListing({ files, sort, setSort, selection, acts, fileName }: Props) {
  const { t, explain } = useTexts()
  if (files.isPending) return <LoadingList />
  if (files.error && files.items.length === 0) {
    return <FailedList text={explain(files.error)} onRetry={() => void files.refetch()} />
  }
  if (files.items.length === 0 && fileName !== '') {
    return <EmptyList icon={<SearchX aria-hidden />} title={t('list.nothingFound')} />
  }
  if (files.items.length === 0) {
    return (
      <EmptyList icon={<FolderOpen aria-hidden />} title={t('list.empty')}>
        <span>{t('files.emptyText')}</span>
      </EmptyList>
    )
  }
  return (
    <FileList
      label={t('nav.files')}
      items={files.items}
      sort={sort}
      onSort={setSort}
      timeColumn={{ key: 'modified', heading: t('list.modified'), valueOf: (item) => item.editedTime }}
      selection={selection}
      deeds={{
        open: acts.open,
        rename: (item) => acts.naming.open({ item }),
        remove: (item) => acts.remove([item]),
      }}
      actionCounts={[2, 1]}
      actionsOf={(item, tabIndex) => <RowMenu item={item} tabIndex={tabIndex} acts={acts} />}
      more={{
        has: files.hasNextPage,
        isLoading: files.isFetchingNextPage || files.isPlaceholderData,
        hasFailed: files.isFetchNextPageError,
        load: () => void files.fetchNextPage(),
      }}
    />
  )
}
