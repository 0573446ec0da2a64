/** An answer that is JSON text already: a beginning of its own, and a rest that many answers share. */
export class JsonText {
  readonly head: string
  readonly rest: Buffer
  constructor(head: string, rest: Buffer) {
    this.head = head
    this.rest = rest
  }
}
