import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { createPorts } from './ports.ts'
import { isRunning, UploadQueue, type UploadTask } from './queue.ts'

const QueueContext = createContext<UploadQueue | null>(null)

/** Holds the uploads of this tab; leaving while some run asks first, signing out ends them. */
export function UploadProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const [queue] = useState(() => new UploadQueue(createPorts(refreshSoon(client))))
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (queue.tasks().some(isRunning)) event.preventDefault()
    }
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [queue])
  return <QueueContext value={queue}>{children}</QueueContext>
}

/** The uploads of this tab; only below an UploadProvider. */
export function useUploadQueue(): UploadQueue {
  const queue = useContext(QueueContext)
  if (!queue) throw new Error('there is no upload queue here')
  return queue
}

/** The uploads as they are now. */
export function useUploadTasks(): readonly UploadTask[] {
  const queue = useUploadQueue()
  return useSyncExternalStore(queue.subscribe, queue.tasks)
}

function refreshSoon(client: ReturnType<typeof useQueryClient>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined
      for (const key of ['files', 'space']) void client.invalidateQueries({ queryKey: [key] })
    }, 400)
  }
}
