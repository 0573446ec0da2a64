import { ActionIcon } from '@mantine/core'
import { RotateCcw, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { FileList } from '../listing/FileList.tsx'
import type { Sort } from '../listing/listed-item.ts'
import { EmptyList, FailedList, LoadingList } from '../listing/ListStates.tsx'
import { SortChoice } from '../listing/ListTools.tsx'
import { idsOf, keepOnly, noSelection } from '../listing/selection.ts'
import { useTexts } from '../shared/use-texts.ts'
import { useTitle } from '../shared/use-title.ts'
import { BinBar } from './BinBar.tsx'
import { ConfirmDialog, type Question } from './ConfirmDialog.tsx'
import styles from './drive.module.css'
import { useSpace } from './space.tsx'
import { useDeeds } from './use-deeds.tsx'
import { useDialog } from './use-dialog.ts'
import { type DriveFile, useFiles } from './use-files.ts'

/** The bin: put back, or delete for good. */
export function BinPage() {
  const { t } = useTexts()
  const { containerId } = useSpace()
  useTitle(t('nav.bin'))
  const [sort, setSort] = useState<Sort>({ key: 'recycled', isDescending: true })
  const files = useFiles({ containerId, type: 1, folderId: 'root', sort, fileName: '' })
  const [wanted, setSelection] = useState(noSelection)
  const selection = useMemo(() => keepOnly(wanted, idsOf(files.items)), [wanted, files.items])
  const chosen = files.items.filter(({ id }) => selection.ids.has(id))
  const confirm = useDialog<Question>()
  const acts = useBinActs(confirm.open, () => setSelection(noSelection))
  const timeColumn = { key: 'recycled' as const, heading: t('bin.deleted') }
  return (
    <>
      <div className={styles.pageHead}>
        <h1 className={styles.pageTitle}>{t('nav.bin')}</h1>
      </div>
      <section className={styles.card} aria-label={t('nav.bin')}>
        {files.items.length > 0 && (
          <div className={styles.cardTools}>
            <BinBar chosen={chosen} acts={acts} onAsk={confirm.open} />
            <SortChoice sort={sort} onSort={setSort} timeColumn={timeColumn} />
          </div>
        )}
        <BinListing {...{ files, sort, setSort, acts }} selection={{ chosen: selection, onChange: setSelection }} />
      </section>
      <ConfirmDialog state={confirm} />
    </>
  )
}

/** What can be done with items in the bin. */
export interface BinActs {
  restore: (items: DriveFile[]) => void
  purge: (items: DriveFile[]) => void
}

function useBinActs(ask: (question: Question) => void, clear: () => void): BinActs {
  const { t } = useTexts()
  const deeds = useDeeds()
  return {
    restore: (items) => {
      clear()
      deeds.mutate({ deed: 'restore', fileIds: idsOf(items) })
    },
    purge: (items) =>
      ask({
        title: t('bin.purgeTitle'),
        text:
          items.length === 1
            ? t('bin.purgeOne', { name: items[0]?.fileName ?? '' })
            : t('bin.purgeMany', { count: items.length }),
        action: t('bin.purge'),
        run: () => {
          clear()
          deeds.mutate({ deed: 'purge', fileIds: idsOf(items) })
        },
      }),
  }
}

interface ListingProps {
  files: ReturnType<typeof useFiles>
  sort: Sort
  setSort: (sort: Sort) => void
  acts: BinActs
  selection: Parameters<typeof FileList<DriveFile>>[0]['selection']
}

function BinListing({ files, sort, setSort, acts, selection }: ListingProps) {
  const { t, explain } = useTexts()
  if (files.isPending) return <LoadingList />
  if (files.error && files.items.length === 0) {
    return <FailedList text={explain(files.error)} onRetry={() => void files.refetch()} />
  }
  if (files.items.length === 0) {
    return (
      <EmptyList icon={<Trash2 aria-hidden />} title={t('bin.empty')}>
        <span>{t('bin.emptyText')}</span>
      </EmptyList>
    )
  }
  return (
    <FileList
      label={t('nav.bin')}
      items={files.items}
      sort={sort}
      onSort={setSort}
      timeColumn={{
        key: 'recycled',
        heading: t('bin.deleted'),
        valueOf: (item) => item.recycledTime ?? item.editedTime,
      }}
      {...(selection ? { selection } : {})}
      deeds={{ remove: (item) => acts.purge([item]) }}
      actionCounts={[2, 2]}
      actionsOf={(item, tabIndex) => <RestoreButton {...{ item, tabIndex, acts }} />}
      more={{
        has: files.hasNextPage,
        isLoading: files.isFetchingNextPage || files.isPlaceholderData,
        hasFailed: files.isFetchNextPageError,
        load: () => void files.fetchNextPage(),
      }}
    />
  )
}

function RestoreButton({ item, tabIndex, acts }: { item: DriveFile; tabIndex: number; acts: BinActs }) {
  const { t } = useTexts()
  const name = item.fileName
  return (
    <>
      <ActionIcon
        tabIndex={tabIndex}
        aria-label={t('bin.restoreName', { name })}
        title={t('bin.restore')}
        onClick={() => acts.restore([item])}
      >
        <RotateCcw size={20} />
      </ActionIcon>
      <ActionIcon
        tabIndex={tabIndex}
        aria-label={t('bin.purgeName', { name })}
        title={t('bin.purge')}
        onClick={() => acts.purge([item])}
      >
        <Trash2 size={20} />
      </ActionIcon>
    </>
  )
}
