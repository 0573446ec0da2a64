/** Finished pages, bounded by their bytes; the least used go first. */
export class PageCache {
  readonly #maxBytes: number
  readonly #pages = new Map<string, Page>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(key: string): Page | undefined {
    const page = this.#pages.get(key)
    if (page) {
      this.#pages.delete(key)
      this.#pages.set(key, page)
    }
    return page
  }

  set(key: string, page: Page): void {
    const size = page.bytes.length + 2 * key.length
    if (size > this.#maxBytes / 16) return
    this.#pages.set(key, page)
    this.#bytes += size
    for (const [oldest, old] of this.#pages) {
      if (this.#bytes <= this.#maxBytes) return
      this.#pages.delete(oldest)
      this.#bytes -= old.bytes.length + 2 * oldest.length
    }
  }
}

/** A finished page: the JSON of its `files` with the end of the answer, and the cursor of the next one (empty at the end). */
export interface Page {
  bytes: Buffer
  nextCursor: string
}
