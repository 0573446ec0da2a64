import { useDebouncedValue } from '@mantine/hooks'
import { FolderOpen, SearchX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { FileList } from '../listing/FileList.tsx'
import { isFolder, type Sort, type Step } from '../listing/listed-item.ts'
import { EmptyList, FailedList, LoadingList } from '../listing/ListStates.tsx'
import { NameFilter, SortChoice } from '../listing/ListTools.tsx'
import { PathTrail } from '../listing/PathTrail.tsx'
import { reasonOf } from '../shared/drive.ts'
import { useTexts } from '../shared/use-texts.ts'
import type { LinkFacts, SharedItem } from './door.ts'
import { DownloadButton } from './DownloadButton.tsx'
import { Ending } from './Ending.tsx'
import styles from './share.module.css'
import { ShareHeader } from './ShareHeader.tsx'
import type { LinkState } from './use-link.ts'
import { useDownload, useShareFiles } from './use-share-files.ts'
import { useTrail } from './use-trail.ts'

interface Props {
  shortUrl: string
  link: LinkState
  facts: LinkFacts
}

/** An opened link: who, until when, what one may do, and what is inside. */
export function ShareContent({ shortUrl, link, facts }: Props) {
  const { t } = useTexts()
  const { trail, go } = useTrail()
  const [sort, setSort] = useState<Sort>({ key: 'name', isDescending: false })
  const [filter, setFilter] = useState('')
  const [fileName] = useDebouncedValue(filter.trim(), 250)
  const top = useShareFiles({ shortUrl, link, sort: { key: 'name', isDescending: false }, fileName: '' })
  const here = useShareFiles({ shortUrl, link, parentFolder: trail.at(-1)?.id, sort, fileName })
  useStaleToken(link, top.error)
  const walk = (steps: Step[]): void => {
    setFilter('')
    go(steps)
  }
  if (top.error && !isAboutToken(top.error)) return <Ending error={top.error} link={link} />
  const timeColumn = { key: 'modified' as const, heading: t('list.modified') }
  return (
    <>
      <ShareHeader facts={top.data?.pages[0]?.link ?? facts} items={top.items} hasMore={top.hasNextPage} />
      <section className={styles.card} aria-label={t('landing.content')}>
        <div className={styles.tools}>
          <div className={styles.toolsTrail}>
            <PathTrail
              steps={[{ id: 'top', name: t('landing.all') }, ...trail]}
              onGo={(index) => walk(trail.slice(0, index))}
            />
          </div>
          <div className={styles.toolsFilter}>
            <NameFilter value={filter} onChange={setFilter} />
            <SortChoice sort={sort} onSort={setSort} timeColumn={timeColumn} />
          </div>
        </div>
        <Listing {...{ here, link, facts, sort, setSort, fileName }} onEnter={(step) => walk([...trail, step])} />
      </section>
    </>
  )
}

interface ListingProps extends Omit<Props, 'shortUrl'> {
  here: ReturnType<typeof useShareFiles>
  sort: Sort
  setSort: (sort: Sort) => void
  fileName: string
  onEnter: (step: Step) => void
}

function Listing({ here, link, facts, sort, setSort, fileName, onEnter }: ListingProps) {
  const { t, explain } = useTexts()
  const mayDownload = facts.permission.download !== false
  const download = useDownload(facts.shareId, link)
  if (here.isPending) return <LoadingList />
  if (here.error && here.items.length === 0) {
    return <FailedList text={explain(here.error)} onRetry={() => void here.refetch()} />
  }
  if (here.items.length === 0) {
    const Icon = fileName === '' ? FolderOpen : SearchX
    return <EmptyList icon={<Icon aria-hidden />} title={fileName === '' ? t('list.empty') : t('list.nothingFound')} />
  }
  const open = (item: SharedItem): void =>
    isFolder(item) ? onEnter({ id: item.id, name: item.fileName }) : download.mutate(item.id)
  return (
    <>
      {download.error && (
        <p role="alert" className={styles.problem}>
          {explain(download.error)}
        </p>
      )}
      <FileList
        label={t('landing.content')}
        items={here.items}
        sort={sort}
        onSort={setSort}
        timeColumn={{ key: 'modified', heading: t('list.modified'), valueOf: (item) => item.editedTime }}
        deeds={{ open, canOpen: (item) => isFolder(item) || mayDownload }}
        actionCounts={[1, 1]}
        actionsOf={(item, tabIndex) =>
          mayDownload && !isFolder(item) && <DownloadButton item={item} tabIndex={tabIndex} download={download} />
        }
        more={{
          has: here.hasNextPage,
          isLoading: here.isFetchingNextPage || here.isPlaceholderData,
          hasFailed: here.isFetchNextPageError,
          load: () => void here.fetchNextPage(),
        }}
      />
    </>
  )
}

function isAboutToken(error: unknown): boolean {
  return ['ACCESS_CODE_REQUIRED', 'TOKEN_INVALID'].includes(reasonOf(error))
}

// A token dies when the owner changes the code; the code entry then comes back.
function useStaleToken({ forgetToken }: LinkState, error: unknown): void {
  const isStale = reasonOf(error) === 'ACCESS_CODE_REQUIRED'
  useEffect(() => {
    if (isStale) forgetToken()
  }, [isStale, forgetToken])
}
