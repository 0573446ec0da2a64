import type { Step } from '../listing/listed-item.ts'

/** Why a name is not allowed (decision F7), null when it is. */
export function nameProblem(name: string): 'tooLong' | 'badCharacter' | 'badEdge' | 'reserved' | null {
  if (Array.from(name).length > 250) return 'tooLong'
  // eslint-disable-next-line no-control-regex
  if (/[<>|:"*?/\\\u0000-\u001f\u007f]/.test(name)) return 'badCharacter'
  if (name === '.' || name === '..') return 'reserved'
  return name.trim() === name ? null : 'badEdge'
}

/** Length of a name without its extension: what one usually wants to change. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}

/** Pairs the ids and names of a path; the root is left out. */
export function stepsOf({ fileIdPath, namePath }: { fileIdPath: string; namePath: string }): Step[] {
  const ids = fileIdPath.split('/').filter(Boolean).slice(1)
  const names = namePath.split('/').filter(Boolean).slice(-ids.length)
  return ids.map((id, index) => ({ id, name: names[index] ?? '' }))
}
