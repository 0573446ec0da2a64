/**
 * Walks a paged list from its start: calls `fetchPage` with the cursor of the page wanted (undefined for the first) and
 * yields each answer, until one carries no `nextCursor`.
 */
export async function* pages<Page extends { nextCursor?: string }>(
  fetchPage: (pageCursor: string | undefined) => Promise<Page>,
): AsyncGenerator<Page, void, undefined> {
  let cursor: string | undefined
  do {
    const page = await fetchPage(cursor)
    yield page
    cursor = page.nextCursor || undefined
  } while (cursor !== undefined)
}
