import type { Handlers } from '../../http/mount.ts'
import { getSpace, listSpaces } from './spaces.service.ts'

/** Spaces by owner. */
export const spaceHandlers = { getSpace, listSpaces } satisfies Partial<Handlers>
