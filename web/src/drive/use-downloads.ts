import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { drive, textOfCode } from '../shared/drive.ts'
import { useTexts } from '../shared/use-texts.ts'
import { useSpace } from './space.tsx'

/** Asks for the addresses of up to 100 files and lets the browser download them. */
export function useDownloads() {
  const { containerId } = useSpace()
  const { explain, language } = useTexts()
  return useMutation({
    mutationFn: (fileIds: string[]) => drive.downloadFiles({ containerId, fileIds }),
    onError: (error) => notifications.show({ color: 'red', message: explain(error) }),
    onSuccess: async ({ downloads }) => {
      for (const { fileName, code, msg } of downloads.filter(({ url }) => url === '')) {
        notifications.show({ color: 'red', message: `${fileName}: ${textOfCode(Number(code), language) ?? msg}` })
      }
      await followAll(downloads.map(({ url }) => url).filter((url) => url !== ''))
    },
  })
}

// A browser drops a navigation that the next one overtakes, so there is a moment between them.
async function followAll(urls: string[]): Promise<void> {
  for (const url of urls) {
    const anchor = document.createElement('a')
    anchor.href = url
    anchor.download = ''
    anchor.click()
    if (urls.length > 1) await new Promise((resolve) => setTimeout(resolve, 400))
  }
}
