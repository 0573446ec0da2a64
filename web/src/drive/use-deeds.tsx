import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { textOfCode } from '../shared/drive.ts'
import { useTexts } from '../shared/use-texts.ts'
import { type Deed, runJobs } from './jobs.ts'
import { useSpace } from './space.tsx'

/** Moves items to the bin, back, or away for good; says how it went, and offers to undo what can be undone. */
export function useDeeds() {
  const { t, language, explain } = useTexts()
  const { containerId } = useSpace()
  const client = useQueryClient()
  const refresh = () =>
    Promise.all(['files', 'space'].map((key) => client.invalidateQueries({ queryKey: [key] }).catch(() => undefined)))
  return useMutation({
    mutationFn: ({ deed, fileIds }: { deed: Deed; fileIds: string[] }) => runJobs(deed, containerId, fileIds),
    onError: (error) => notifications.show({ color: 'red', message: explain(error) }),
    onSettled: refresh,
    onSuccess: ({ failed, firstCode }, { deed, fileIds }) => {
      const done = fileIds.length - failed
      if (failed > 0) {
        const why = textOfCode(firstCode, language) ?? ''
        notifications.show({ color: 'red', message: `${t('job.failed', { count: failed })} ${why}` })
      }
      if (deed === 'empty') notifications.show({ message: t('bin.emptied') })
      if (done === 0 || deed === 'empty') return
      const message = t(`job.${deed}`, { count: done })
      if (deed !== 'bin') notifications.show({ message })
      else showUndo(message, t('action.undo'), () => runJobs('restore', containerId, fileIds).then(refresh))
    },
  })
}

function showUndo(message: string, label: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    autoClose: 10_000,
    message: (
      <span style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 12 }}>
        {message}
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id)
            undo().catch((error: unknown) => notifications.show({ color: 'red', message: String(error) }))
          }}
        >
          {label}
        </Button>
      </span>
    ),
  })
}
