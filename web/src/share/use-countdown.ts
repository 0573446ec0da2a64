import { useEffect, useState } from 'react'

/** Seconds left of `seconds` counted from the moment `since` (epoch ms); 0 when they are over. */
export function useCountdown(seconds: number, since: number): number {
  const [now, setNow] = useState(Date.now)
  const left = Math.max(0, Math.ceil(seconds - Math.max(0, now - since) / 1000))
  const isRunning = seconds > 0 && left > 0
  useEffect(() => {
    if (!isRunning) return undefined
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [isRunning, seconds, since])
  return left
}
