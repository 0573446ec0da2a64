import { useDebouncedValue } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { isFolder, type Sort } from '../listing/listed-item.ts'
import { NameFilter, SortChoice } from '../listing/ListTools.tsx'
import { PathTrail } from '../listing/PathTrail.tsx'
import { idsOf, keepOnly, noSelection, type Selection } from '../listing/selection.ts'
import { useTexts } from '../shared/use-texts.ts'
import { useTitle } from '../shared/use-title.ts'
import styles from './drive.module.css'
import { FilesListing } from './FilesListing.tsx'
import { type Named, NameDialog } from './NameDialog.tsx'
import { SelectionBar } from './SelectionBar.tsx'
import { ShareDialog } from './sharing/ShareDialog.tsx'
import { useSpace } from './space.tsx'
import { DropZone } from './upload/DropZone.tsx'
import { UploadMenu } from './upload/UploadMenu.tsx'
import { useDeeds } from './use-deeds.tsx'
import { useDialog } from './use-dialog.ts'
import { useDownloads } from './use-downloads.ts'
import { type DriveFile, useFiles, usePath } from './use-files.ts'

/** One folder of the own space. */
export function FilesPage({ folderId }: { folderId: string }) {
  const { t } = useTexts()
  const { containerId } = useSpace()
  const [sort, setSort] = useState<Sort>({ key: 'name', isDescending: false })
  const [filter, setFilter] = useState('')
  const [fileName] = useDebouncedValue(filter.trim(), 250)
  const files = useFiles({ containerId, type: 0, folderId, sort, fileName })
  const { selection, chosen, setSelection } = useSelection(files.items)
  const acts = useActs(setSelection)
  const timeColumn = { key: 'modified' as const, heading: t('list.modified') }
  return (
    <DropZone folderId={folderId}>
      <div className={styles.pageHead}>
        <FolderTrail folderId={folderId} />
        <div className={styles.pageTools}>
          <UploadMenu folderId={folderId} onNewFolder={() => acts.naming.open({ parent: folderId })} />
        </div>
      </div>
      <section className={styles.card} aria-label={t('nav.files')}>
        <div className={styles.cardTools}>
          {chosen.length > 0 ? (
            <SelectionBar chosen={chosen} acts={acts} onClear={() => setSelection(noSelection)} />
          ) : (
            <>
              <NameFilter value={filter} onChange={setFilter} />
              <SortChoice sort={sort} onSort={setSort} timeColumn={timeColumn} />
            </>
          )}
        </div>
        <FilesListing
          {...{ files, sort, setSort, acts, fileName }}
          selection={{ chosen: selection, onChange: setSelection }}
        />
      </section>
      <ShareDialog state={acts.sharing} />
      <NameDialog state={acts.naming} />
    </DropZone>
  )
}

/** What a person can do with files of a folder. */
export type Acts = ReturnType<typeof useActs>

function useActs(setSelection: (selection: Selection) => void) {
  const navigate = useNavigate()
  const sharing = useDialog<DriveFile[]>()
  const naming = useDialog<Named>()
  const deeds = useDeeds()
  const download = useDownloads()
  return {
    sharing,
    naming,
    download: (items: DriveFile[]): void => download.mutate(idsOf(items)),
    open: (item: DriveFile): void => {
      if (isFolder(item)) void navigate({ to: '/folder/$folderId', params: { folderId: item.id } })
      else download.mutate([item.id])
    },
    remove: (items: DriveFile[]): void => {
      setSelection(noSelection)
      deeds.mutate({ deed: 'bin', fileIds: idsOf(items) })
    },
  }
}

function useSelection(items: DriveFile[]) {
  const [wanted, setSelection] = useState(noSelection)
  const selection = useMemo(() => keepOnly(wanted, idsOf(items)), [wanted, items])
  const chosen = useMemo(() => items.filter(({ id }) => selection.ids.has(id)), [items, selection])
  return { selection, chosen, setSelection }
}

function FolderTrail({ folderId }: { folderId: string }) {
  const { t } = useTexts()
  const { containerId } = useSpace()
  const navigate = useNavigate()
  const path = usePath(containerId, folderId)
  const steps = [{ id: 'root', name: t('nav.files') }, ...(folderId === 'root' ? [] : (path.data ?? []))]
  useTitle(steps.at(-1)?.name)
  const go = (index: number): void => {
    const step = steps[index]
    if (!step || index === 0) void navigate({ to: '/' })
    else void navigate({ to: '/folder/$folderId', params: { folderId: step.id } })
  }
  return (
    <>
      <h1 className="dw-hidden">{steps.at(-1)?.name}</h1>
      <PathTrail steps={steps} onGo={go} />
    </>
  )
}
