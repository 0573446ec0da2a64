import type { Schema } from '../../db/schema.ts'
import { foldName } from '../../names.ts'

type Node = Pick<Schema['departments'], 'id' | 'parent_id' | 'name' | 'level'>

/** The departments by their paths: names from below the root down. */
export class DepartmentTree {
  readonly #root: Node
  readonly #children = new Map<string, Node>()

  constructor(rootId: string, departments: Node[]) {
    const root = departments.find(({ id }) => id === rootId)
    if (!root) throw new Error('the root department is missing')
    this.#root = root
    for (const department of departments) this.add(department)
  }

  /** Takes in one more department. */
  add(department: Node): void {
    if (department.parent_id !== null) this.#children.set(keyOf(department.parent_id, department.name), department)
  }

  /** The department at a path; the root at the empty one. */
  find(path: readonly string[]): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of path) node = node && this.#children.get(keyOf(node.id, name))
    return node
  }

  /** The departments that have to be made for these paths to be there, each once, parents first. */
  missing(paths: readonly string[][]): string[][] {
    const found = new Map<string, string[]>()
    for (const path of paths) {
      for (let length = 1; length <= path.length; length++) {
        const part = path.slice(0, length)
        const key = foldName(part.join('/'))
        if (!found.has(key) && !this.find(part)) found.set(key, part)
      }
    }
    return [...found.values()]
  }
}

// ids have no slash
function keyOf(parentId: string, name: string): string {
  return `${parentId}/${foldName(name)}`
}
