import type { Handlers } from '../../http/mount.ts'
import {
  createDepartment,
  deleteDepartment,
  getDepartment,
  listDepartments,
  updateDepartment,
} from './departments.service.ts'
import { listPeople } from './directory.service.ts'
import { addGroupMembers, createGroup, listGroupMembers, listGroups, removeGroupMembers } from './groups.service.ts'

/** Departments, people as colleagues see them, and user groups. */
export const directoryHandlers = {
  listDepartments,
  getDepartment,
  createDepartment,
  updateDepartment,
  deleteDepartment,
  listPeople,
  createGroup,
  listGroups,
  listGroupMembers,
  addGroupMembers,
  removeGroupMembers,
} satisfies Partial<Handlers>
