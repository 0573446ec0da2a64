import { type RawBuilder, sql } from 'kysely'

function escape(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`)
}

/** The pattern for texts that have `text` somewhere; both folded. */
export function containing(text: string): string {
  return `%${escape(text)}%`
}

/** The pattern for texts that begin with `text`; both folded. */
export function startingWith(text: string): string {
  return `${escape(text)}%`
}

/** Whether a column fits a pattern of `containing` or `startingWith`, or `%`, which every text fits. */
export function fits(column: string, pattern: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`
}
