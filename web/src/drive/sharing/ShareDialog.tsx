import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { isFolder } from '../../listing/listed-item.ts'
import { formatSize } from '../../shared/format.ts'
import { useTexts } from '../../shared/use-texts.ts'
import { Dialog } from '../Dialog.tsx'
import { useSpace } from '../space.tsx'
import type { DialogState } from '../use-dialog.ts'
import type { DriveFile } from '../use-files.ts'
import { type Draft, makeLink, newDraft } from './draft.ts'
import { ShareForm } from './ShareForm.tsx'
import { ShareResult } from './ShareResult.tsx'
import styles from './sharing.module.css'

/** Makes a link to 1 to 100 chosen items. */
export function ShareDialog({ state }: { state: DialogState<DriveFile[]> }) {
  const { t } = useTexts()
  const items = state.about ?? []
  const first = items[0]?.fileName ?? ''
  const title =
    items.length === 1 ? t('share.titleOne', { name: first }) : t('share.titleMany', { count: items.length })
  return (
    <Dialog state={state} title={title} size="large">
      {state.about && <Steps key={items.map(({ id }) => id).join()} items={items} onDone={state.close} />}
    </Dialog>
  )
}

function Steps({ items, onDone }: { items: DriveFile[]; onDone: () => void }) {
  const { containerId } = useSpace()
  const [draft, setDraft] = useState(newDraft)
  const fileIds = items.map(({ id }) => id)
  const [key, setKey] = useState(makeKey)
  const making = useMutation({ mutationFn: (wish: Draft) => makeLink(wish, containerId, fileIds, key) })
  const change = (part: Partial<Draft>): void => {
    setDraft((old) => ({ ...old, ...part }))
    setKey(makeKey())
    making.reset()
  }
  if (making.data) {
    const again = (): void => change(newDraft())
    return <ShareResult link={making.data} draft={draft} onAgain={again} onDone={onDone} />
  }
  return (
    <>
      <Summary items={items} />
      <ShareForm
        draft={draft}
        onChange={change}
        onSubmit={() => making.mutate(draft)}
        isBusy={making.isPending}
        error={making.error}
      />
    </>
  )
}

function Summary({ items }: { items: DriveFile[] }) {
  const { t, locale } = useTexts()
  const size = items.reduce((sum, item) => sum + (item.size ?? 0), 0)
  const folders = items.filter(isFolder).length
  const parts = [
    items.length > 1 ? items.map(({ fileName }) => fileName).join(', ') : '',
    folders > 0 ? t('share.folders', { count: folders }) : '',
    folders < items.length ? formatSize(size, locale) : '',
  ]
  return <p className={styles.summary}>{parts.filter(Boolean).join(' · ')}</p>
}

// `crypto.randomUUID` is missing on pages that came by plain HTTP.
function makeKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
