import type { Handlers } from '../../http/mount.ts'
import { importUsers } from './people.import.ts'
import { createUser, listUsers, updateUser } from './people.service.ts'

/** People, as the administrator makes and keeps them. */
export const peopleHandlers = { createUser, listUsers, updateUser, importUsers } satisfies Partial<Handlers>
