import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, requireUser, type UserActor } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import type { Schema } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { randomHex } from '../../ids.ts'
import { foldName } from '../../names.ts'
import { seal, sha256 } from '../../secrets.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { countUsers, findEnterprise, findUserByAccount, findUserById } from '../directory/directory.service.ts'
import { type AttemptRule, clientPrefix, countFailure, forgetFailures, inTurn, requireAttempt } from './attempts.ts'
import {
  deleteSession,
  deleteSessionsOf,
  findSessionByAccess,
  findSessionByRefresh,
  insertApp,
  insertSession,
  removeApp,
  replaceAccess,
  replaceTokens,
  selectApps,
  slideSession,
} from './auth.queries.ts'
import { HashingBusyError, isPassword, pretendPassword } from './passwords.ts'

const minute = 60_000
/** Documented life of an access token in seconds. */
const accessLife = 1200
// the end is moved in steps of a minute, so that most calls write nothing; the minute on top keeps the promise of 20
const slideStep = minute
const refreshLife = 30 * 24 * 60 * minute
const loginRule: AttemptRule = { free: 5, first: 2, longest: 900, forget: 1800 }

type SessionInfo = Answer<Endpoints['login']>['data']['sessionInfo']

/** Signs a person in (common.md 12.2). CREDENTIAL_WRONG alike for unknown, disabled and wrong; TOO_MANY_ATTEMPTS when slowed down. */
export async function login(ctx: Context, input: Input<Endpoints['login']>): Promise<Answer<Endpoints['login']>> {
  if (input.authType !== '1') throw new DriveError('PARAMETER_INVALID', { field: 'authType' })
  const key = `login:${foldName(input.account)}:${clientPrefix(ctx.address)}`
  const user = await inTurn(key, () => checkPassword(ctx, key, input))
  const sessionInfo = await openSession(ctx, user.id)
  if (input.cookie) ctx.setSession(sessionInfo.accessToken)
  return {
    data: {
      userInfo: { userId: user.id, firstname: user.name, surname: '', phone: user.mobile, email: user.email },
      sessionInfo,
    },
  }
}

async function checkPassword(
  ctx: Context,
  key: string,
  { account, password = '' }: Input<Endpoints['login']>,
): Promise<Schema['users']> {
  await requireAttempt(ctx, key)
  const user = await findUserByAccount.first(ctx.db, { account_fold: foldName(account) })
  const isRight = await whileFree(() => (user ? isPassword(password, user.password_hash) : pretendPassword(password)))
  if (!user || !isRight || user.status !== 0) {
    const { triesLeft, retryAfter } = await countFailure(ctx, key, loginRule)
    throw new DriveError('CREDENTIAL_WRONG', { data: retryAfter > 0 ? { triesLeft, retryAfter } : { triesLeft } })
  }
  await forgetFailures(ctx, key)
  return user
}

async function whileFree<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof HashingBusyError ? new DriveError('UNAVAILABLE', { data: { retryAfter: 1 } }) : error
  }
}

async function openSession(ctx: Context, userId: string): Promise<SessionInfo> {
  const tokens = makeTokens(ctx)
  const sessionId = randomHex(24)
  await ctx.db.transaction().execute(async (tx) => {
    await insertSession.run(tx, { id: sessionId, user_id: userId, created_at: ctx.now().toISOString(), ...tokens.row })
    await recordAudit(tx, ctx, { action: 'session.open', subjectId: userId })
  })
  return { ...tokens.wire, sessionId }
}

function makeTokens(ctx: Context) {
  const accessToken = randomHex(24)
  const refreshToken = randomHex(24)
  return {
    row: { access_hash: sha256(accessToken), refresh_hash: sha256(refreshToken), ...ends(ctx) },
    wire: { accessToken, refreshToken, expiresIn: accessLife, issuedAt: String(ctx.now().getTime()) },
  }
}

function ends(ctx: Pick<Context, 'now'>) {
  const now = ctx.now().getTime()
  return {
    access_expires_at: new Date(now + accessLife * 1000 + slideStep).toISOString(),
    refresh_expires_at: new Date(now + refreshLife).toISOString(),
  }
}

/** Renews a session by its refresh token, which works once. TOKEN_INVALID otherwise. */
export async function refreshToken(
  ctx: Context,
  input: Input<Endpoints['refreshToken']>,
): Promise<Answer<Endpoints['refreshToken']>> {
  const old = sha256(input.refreshToken)
  const session = await findSessionByRefresh.first(ctx.db, { refresh_hash: old })
  if (!session || Date.parse(session.refresh_expires_at) < ctx.now().getTime()) throw new DriveError('TOKEN_INVALID')
  const tokens = makeTokens(ctx)
  const changed = await replaceTokens.run(ctx.db, { id: session.id, old_refresh_hash: old, ...tokens.row })
  if (changed === 0) throw new DriveError('TOKEN_INVALID')
  return { data: { sessionInfo: { ...tokens.wire, sessionId: session.id } } }
}

/** The person behind an access token, whose end moves with the call. TOKEN_INVALID when it is unknown or over. */
export async function actorOfToken(ctx: Pick<Context, 'db' | 'now'>, token: string): Promise<UserActor> {
  const row = await findSessionByAccess.first(ctx.db, { access_hash: sha256(token) })
  const left = row ? Date.parse(row.access_expires_at) - ctx.now().getTime() : 0
  // a token that is past its documented end may not be revived by the minute on top
  if (!row || left <= 0) throw new DriveError('TOKEN_INVALID')
  if (left < accessLife * 1000) await slideSession.run(ctx.db, { id: row.session_id, ...ends(ctx) })
  return {
    kind: 'user',
    userId: row.user_id,
    name: row.name,
    role: row.role,
    departmentId: row.department_id,
    sessionId: row.session_id,
    accessToken: token,
  }
}

/** Names the caller (common.md 12.1). */
export async function checkSession(ctx: Context): Promise<Answer<Endpoints['checkSession']>> {
  const actor = requireUser(ctx)
  const [enterprise, users] = await Promise.all([findEnterprise.first(ctx.db, {}), countUsers.first(ctx.db, {})])
  if (!enterprise) throw new Error('the enterprise is missing')
  return {
    data: {
      role: String(actor.role),
      innerUserId: actor.userId,
      userId: actor.userId,
      userName: actor.name,
      orgId: enterprise.id,
      orgName: enterprise.name,
      tenantId: enterprise.id,
      userCount: users?.count ?? 0,
      deptId: actor.departmentId,
    },
  }
}

/** Ends the caller's session; without one there is nothing to do. */
export async function logoff(ctx: Context): Promise<Answer<Endpoints['logoff']>> {
  if (ctx.actor.kind === 'user' && ctx.actor.sessionId) await deleteSession.run(ctx.db, { id: ctx.actor.sessionId })
  ctx.setSession(undefined)
  return { failedList: [] }
}

/** Gives the session that `x-session-id` names a new access token; the old one dies. */
export async function refreshSession(
  ctx: Context,
  input: { 'x-session-id'?: unknown },
): Promise<Answer<Endpoints['refreshSession']>> {
  const actor = requireUser(ctx)
  if (input['x-session-id'] !== actor.sessionId) throw new DriveError('TOKEN_INVALID')
  const { row, wire } = makeTokens(ctx)
  await replaceAccess.run(ctx.db, {
    id: actor.sessionId,
    user_id: actor.userId,
    access_hash: row.access_hash,
    access_expires_at: row.access_expires_at,
  })
  return { accessToken: wire.accessToken }
}

/** Registers an app that signs its calls; its secret is answered this once and kept sealed. */
export async function createApp(
  ctx: Context,
  input: Input<Endpoints['createApp']>,
): Promise<Answer<Endpoints['createApp']>> {
  const appId = randomHex(32)
  const appSecret = randomHex(32)
  const createTime = ctx.now().toISOString()
  await ctx.db.transaction().execute(async (tx) => {
    await insertApp.run(tx, {
      id: appId,
      name: input.name,
      secret_sealed: seal(ctx.keys.seal, appSecret),
      created_at: createTime,
    })
    await recordAudit(tx, ctx, { action: 'app.create', subjectId: appId, detail: { name: input.name } })
  })
  return { data: { appId, name: input.name, createTime, appSecret } }
}

/** All registered apps, without their secrets. */
export async function listApps(ctx: Context): Promise<Answer<Endpoints['listApps']>> {
  const rows = await selectApps.all(ctx.db, {})
  return { apps: rows.map((row) => ({ appId: row.id, name: row.name, createTime: row.created_at })) }
}

/** Removes an app. NOT_FOUND when there is none. */
export async function deleteApp(
  ctx: Context,
  input: Input<Endpoints['deleteApp']>,
): Promise<Answer<Endpoints['deleteApp']>> {
  await ctx.db.transaction().execute(async (tx) => {
    if ((await removeApp.run(tx, { id: input.appId })) === 0) throw new DriveError('NOT_FOUND', { field: 'appId' })
    await recordAudit(tx, ctx, { action: 'app.delete', subjectId: input.appId })
  })
  return {}
}

/** Ends every session of a person, in the caller's transaction. */
export async function endSessionsOf(db: Db, userId: string): Promise<void> {
  await deleteSessionsOf.run(db, { user_id: userId })
}

/** The person an app acts for, or undefined when there is none who may sign in. */
export async function findActiveUser(ctx: Pick<Context, 'db'>, userId: string): Promise<UserActor | undefined> {
  const user = await findUserById.first(ctx.db, { id: userId })
  if (!user || user.status !== 0) return undefined
  return {
    kind: 'user',
    userId: user.id,
    name: user.name,
    role: user.role,
    departmentId: user.department_id,
    sessionId: '',
    accessToken: '',
  }
}
