/** Values that are never changed, bounded by their bytes; the least used go first. */
export class BoundedCache<V extends { bytes: Buffer }> {
  readonly #maxBytes: number
  readonly #values = new Map<string, V>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key)
    if (value) {
      this.#values.delete(key)
      this.#values.set(key, value)
    }
    return value
  }

  set(key: string, value: V): void {
    const size = sizeOf(key, value)
    if (size > this.#maxBytes / 16 || this.#values.has(key)) return
    this.#values.set(key, value)
    this.#bytes += size
    for (const [oldest, old] of this.#values) {
      if (this.#bytes <= this.#maxBytes) return
      this.#values.delete(oldest)
      this.#bytes -= sizeOf(oldest, old)
    }
  }
}

function sizeOf(key: string, value: { bytes: Buffer }): number {
  return value.bytes.length + 2 * key.length + 200
}
