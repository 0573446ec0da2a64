import { DriveError, uploadFile, type UploadState } from '@driveway/sdk'
import { drive, reasonOf } from '../../shared/drive.ts'
import type { QueuePorts } from './queue.ts'

/** The queue's ports on the real server. */
export function createPorts(onArrived: () => void): QueuePorts {
  const states = new Map<number, UploadState>()
  return {
    ensureFolder,
    onArrived,
    send: async ({ key, file, target, onProgress, signal }) => {
      const resume = states.get(key)
      await uploadFile(drive, {
        source: file,
        name: file.name,
        containerId: target.containerId,
        parentFolder: target.folderId,
        signal,
        onProgress: throttle(({ sent }) => onProgress(sent)),
        onState: (state) => states.set(key, state),
        ...(resume ? { resume } : {}),
      })
      states.delete(key)
    },
  }
}

async function ensureFolder(containerId: string, parentId: string, name: string): Promise<string> {
  const wish = { fileName: name, fileType: '10', containerId, parentFolder: [parentId] }
  try {
    return (await drive.createFolder({ ...wish, renameMode: 3 })).id
  } catch (error) {
    if (reasonOf(error) !== 'DUPLICATE_NAME') throw error
    return (
      (await findFolder(containerId, parentId, name, error)) ??
      (await drive.createFolder({ ...wish, renameMode: 2 })).id
    )
  }
}

async function findFolder(
  containerId: string,
  parentId: string,
  name: string,
  clash: unknown,
): Promise<string | undefined> {
  const { files } = await drive.listFiles({
    type: 0,
    containerId,
    parentFileId: parentId,
    fileName: name,
    fileType: '10',
  })
  const clashing = clash instanceof DriveError ? clash.data['conflictFileId'] : undefined
  return files.find(({ id, fileName }) => id === clashing || fileName.toLowerCase() === name.toLowerCase())?.id
}

// Progress comes with every chunk; people and React need it ten times a second.
function throttle(report: (progress: { sent: number }) => void): (progress: { sent: number }) => void {
  let last = 0
  return (progress) => {
    if (Date.now() - last < 100) return
    last = Date.now()
    report(progress)
  }
}
