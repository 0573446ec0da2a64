import { useEffect } from 'react'

/** Names the page in the browser's tab; undefined leaves only the product's name. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Driveway` : 'Driveway'
  }, [title])
}
