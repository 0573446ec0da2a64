import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { drive } from '../shared/drive.ts'
import { useTexts } from '../shared/use-texts.ts'
import { Dialog } from './Dialog.tsx'
import styles from './drive.module.css'
import { nameProblem, stemLength } from './names.ts'
import { useSpace } from './space.tsx'
import type { DialogState } from './use-dialog.ts'
import type { DriveFile } from './use-files.ts'

/** What gets a name: an item that has one, or a new folder in `parent`. */
export type Named = { item: DriveFile } | { parent: string }

/** Asks for the name of a new folder, or for another name of an item. */
export function NameDialog({ state }: { state: DialogState<Named> }) {
  const { t } = useTexts()
  const { about } = state
  return (
    <Dialog state={state} title={about && 'item' in about ? t('name.renameTitle') : t('name.folderTitle')}>
      {about && <NameForm about={about} onDone={state.close} />}
    </Dialog>
  )
}

function NameForm({ about, onDone }: { about: Named; onDone: () => void }) {
  const { t, explain } = useTexts()
  const old = 'item' in about ? about.item.fileName : ''
  const [name, setName] = useState(old)
  const save = useNaming(about, onDone)
  const problem = name === '' ? null : nameProblem(name)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name === old) onDone()
    else if (name !== '' && !problem) save.mutate(name)
  }
  const error = problem ? t(`name.${problem}`) : save.error ? explain(save.error) : undefined
  return (
    <form onSubmit={submit}>
      <TextInput
        label={t('name.label')}
        value={name}
        error={error}
        data-autofocus
        spellCheck={false}
        autoComplete="off"
        onFocus={(event) => event.currentTarget.setSelectionRange(0, stemLength(old))}
        onChange={(event) => {
          setName(event.currentTarget.value)
          save.reset()
        }}
      />
      <div className={styles.dialogFoot}>
        <Button variant="default" onClick={onDone}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={name === '' || problem !== null}>
          {'item' in about ? t('action.rename') : t('action.create')}
        </Button>
      </div>
    </form>
  )
}

function useNaming(about: Named, onDone: () => void) {
  const { containerId } = useSpace()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (name: string): Promise<void> => {
      if ('item' in about) await drive.renameFile({ fileId: about.item.id, containerId, name, renameMode: 3 })
      else {
        const { parent } = about
        await drive.createFolder({ fileName: name, fileType: '10', containerId, parentFolder: [parent], renameMode: 3 })
      }
    },
    onSuccess: async () => {
      onDone()
      await client.invalidateQueries({ queryKey: ['files'] })
    },
  })
}
