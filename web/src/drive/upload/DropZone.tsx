import { Upload } from 'lucide-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { useTexts } from '../../shared/use-texts.ts'
import { useSpace } from '../space.tsx'
import { wantedOfDrop } from './entries.ts'
import styles from './upload.module.css'
import { useUploadQueue } from './UploadProvider.tsx'

/** Takes files and folders that are dropped anywhere on the page of a folder. */
export function DropZone({ folderId, children }: { folderId: string; children: ReactNode }) {
  const { t } = useTexts()
  const { containerId } = useSpace()
  const queue = useUploadQueue()
  const depth = useRef(0)
  const [isOver, setOver] = useState(false)
  const follow = (change: 1 | -1) => (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    depth.current = Math.max(0, depth.current + change)
    setOver(depth.current > 0)
  }
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    depth.current = 0
    setOver(false)
    void wantedOfDrop(event.dataTransfer).then((wanted) => queue.add(wanted, { containerId, folderId }))
  }
  return (
    <div
      className={styles.zone}
      onDragEnter={follow(1)}
      onDragLeave={follow(-1)}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault()
      }}
      onDrop={drop}
    >
      {children}
      {isOver && (
        <div className={styles.over}>
          <Upload size={36} aria-hidden />
          {t('upload.drop')}
        </div>
      )}
    </div>
  )
}
