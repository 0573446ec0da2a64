import type { Drive } from '@driveway/sdk'
import { connect, type ServerOptions } from './connect.ts'
import { foldName, splitPath } from './drive-path.ts'
import { plain, print, printJson } from './output.ts'
import { UserError } from './user-error.ts'

type Department = Awaited<ReturnType<Drive['listDepartments']>>['list'][number]

interface Node {
  id: string
  name: string
  departments: Node[]
}

/** `driveway dept list`: the tree of departments. */
export async function listDepartments(options: ServerOptions & { json?: boolean }): Promise<void> {
  const { drive, close } = await connect(options)
  const root = await rootDepartment(drive)
  const tree = await readDepartments(drive, root)
  await close()
  if (options.json) printJson(tree)
  else printDepartments(tree, '')
}

/** `driveway dept add`: a department by its path below the root; missing ones above it are made too. */
export async function addDepartment(path: string, options: ServerOptions): Promise<void> {
  const { drive, close } = await connect(options)
  let parent: { id: string } = await rootDepartment(drive)
  const names = splitPath(path)
  if (names.length === 0) throw new UserError('Name the department, such as Sales or Sales/North.', 2)
  let made = 0
  for (const name of names) {
    const existing = await childNamed(drive, parent.id, name)
    parent = existing ?? (await drive.createDepartment({ name, parentId: parent.id })).data
    if (!existing) made++
  }
  await close()
  print(made > 0 ? `${plain(names.join('/'))} is there now (${parent.id}).` : `${plain(path)} was there already.`)
}

/** The department of a path below the root, such as `Sales/North`; an empty path is the root itself. */
export async function findDepartment(drive: Drive, path: string): Promise<Department> {
  let department = await rootDepartment(drive)
  const names = splitPath(path)
  // The root may be written too.
  if (names.length > 0 && foldName(names[0] ?? '') === foldName(department.name)) {
    if (!(await childNamed(drive, department.id, names[0] ?? ''))) names.shift()
  }
  for (const name of names) {
    const child = await childNamed(drive, department.id, name)
    if (!child) throw new UserError(`There is no department "${name}" in "${department.name}". See: driveway dept list`)
    department = child
  }
  return department
}

async function rootDepartment(drive: Drive): Promise<Department> {
  const [root] = (await drive.listDepartments()).list
  if (!root) throw new UserError('You cannot see the departments of this organisation.')
  return root
}

async function childNamed(drive: Drive, departmentId: string, name: string): Promise<Department | undefined> {
  const { list } = await drive.listDepartments({ departmentId })
  return list.find((child) => foldName(child.name) === foldName(name))
}

async function readDepartments(drive: Drive, { id, name }: Department): Promise<Node> {
  const { list } = await drive.listDepartments({ departmentId: id })
  const departments: Node[] = []
  for (const child of list) departments.push(await readDepartments(drive, child))
  return { id, name, departments }
}

function printDepartments(node: Node, indent: string): void {
  print(`${indent}${plain(node.name)}`)
  for (const child of node.departments) printDepartments(child, `${indent}  `)
}
