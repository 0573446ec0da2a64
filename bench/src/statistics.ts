/** A median with the extremes it was taken from. */
export interface Spread {
  median: number
  low: number
  high: number
}

/** The middle value; the mean of the two middle ones when the count is even. Throws on an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no values to take a median of')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** Median, smallest and largest of some values. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) }
}

/** The spread of ours ÷ limit, taken pair by pair so that a slow second of the machine hits both sides. */
export function ratioOfPairs(pairs: readonly { ours: number; limit: number }[]): Spread {
  return spread(pairs.map(({ ours, limit }) => ours / limit))
}

/** The value below which the share `part` (0 to 1) of an ascending list lies, by nearest rank; 0 for an empty list. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  if (sorted.length === 0) return 0
  const rank = Math.max(1, Math.ceil(part * sorted.length))
  return sorted[Math.min(rank, sorted.length) - 1] ?? 0
}

/** Latencies in milliseconds. */
export interface Latency {
  p50: number
  p99: number
  p999: number
  max: number
}

/** The latencies worth printing of a list of milliseconds in any order. */
export function summariseLatency(milliseconds: readonly number[]): Latency {
  const sorted = Float64Array.from(milliseconds).sort()
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: percentile(sorted, 1),
  }
}
