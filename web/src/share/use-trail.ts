import { useCallback, useEffect, useState } from 'react'
import type { Step } from '../listing/listed-item.ts'

/** Where the visitor is inside a link, kept in the browser's history: back, forward and reload work. */
export function useTrail() {
  const [trail, setTrail] = useState(() => readTrail(history.state))
  useEffect(() => {
    const follow = (event: PopStateEvent): void => setTrail(readTrail(event.state))
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  const go = useCallback((steps: Step[]): void => {
    history.pushState({ trail: steps }, '', location.pathname + location.search)
    setTrail(steps)
    scrollTo(0, 0)
  }, [])
  return { trail, go }
}

function readTrail(state: unknown): Step[] {
  if (typeof state !== 'object' || state === null || !('trail' in state) || !Array.isArray(state.trail)) return []
  return state.trail.filter(isStep)
}

function isStep(value: unknown): value is Step {
  if (typeof value !== 'object' || value === null) return false
  return 'id' in value && typeof value.id === 'string' && 'name' in value && typeof value.name === 'string'
}
