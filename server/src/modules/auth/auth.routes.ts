import type { Handlers } from '../../http/mount.ts'
import {
  checkSession,
  createApp,
  deleteApp,
  listApps,
  login,
  logoff,
  refreshSession,
  refreshToken,
} from './auth.service.ts'

/** Signing in, sessions and apps. */
export const authHandlers = {
  login,
  refreshToken,
  checkSession,
  logoff,
  refreshSession,
  createApp,
  listApps,
  deleteApp,
} satisfies Partial<Handlers>
