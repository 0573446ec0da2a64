/** A choice among the loaded rows, and the row a range starts from. */
export interface Selection {
  ids: ReadonlySet<string>
  anchor: string | null
}

/** Nothing chosen. */
export const noSelection: Selection = { ids: new Set(), anchor: null }

/** The ids of rows, in their order. */
export function idsOf(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id)
}

/** Adds or removes one row. */
export function toggle(selection: Selection, id: string): Selection {
  const ids = new Set(selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** Adds every row from the anchor to `id`, in the order shown. */
export function extendTo(selection: Selection, id: string, order: readonly string[]): Selection {
  const from = order.indexOf(selection.anchor ?? id)
  const to = order.indexOf(id)
  if (from < 0 || to < 0) return toggle(selection, id)
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1)
  return { ids: new Set([...selection.ids, ...range]), anchor: selection.anchor ?? id }
}

/** All rows, or none when all are chosen already. */
export function toggleAll(selection: Selection, order: readonly string[]): Selection {
  const isComplete = order.length > 0 && order.every((id) => selection.ids.has(id))
  return isComplete ? noSelection : { ids: new Set(order), anchor: null }
}

/** The selection without rows that are gone. */
export function keepOnly(selection: Selection, order: readonly string[]): Selection {
  const there = new Set(order)
  const ids = new Set([...selection.ids].filter((id) => there.has(id)))
  return ids.size === selection.ids.size ? selection : { ids, anchor: null }
}
