import { columns, prepared } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

type Session = Schema['sessions']

export const insertSession = prepared((db, p: Session) =>
  db
    .insertInto('sessions')
    .values(
      columns(p, [
        'id',
        'user_id',
        'access_hash',
        'access_expires_at',
        'refresh_hash',
        'refresh_expires_at',
        'created_at',
      ]),
    ),
)

/** A live session with its person; disabled people have none. */
export const findSessionByAccess = prepared(
  (db, p: { access_hash: string }) =>
    db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select([
        'sessions.id as session_id',
        'sessions.access_expires_at',
        'users.id as user_id',
        'users.name',
        'users.role',
        'users.department_id',
      ])
      .where('sessions.access_hash', '=', p.access_hash)
      .where('users.status', '=', 0),
  { isHot: true },
)

export const slideSession = prepared((db, p: { id: string; access_expires_at: string; refresh_expires_at: string }) =>
  db
    .updateTable('sessions')
    .set({ access_expires_at: p.access_expires_at, refresh_expires_at: p.refresh_expires_at })
    .where('id', '=', p.id),
)

export const findSessionByRefresh = prepared((db, p: { refresh_hash: string }) =>
  db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('sessions')
    .where('sessions.refresh_hash', '=', p.refresh_hash)
    .where('users.status', '=', 0),
)

/** Gives a session new tokens, if its refresh token is still the one that was read. */
export const replaceTokens = prepared(
  (
    db,
    p: Pick<Session, 'id' | 'access_hash' | 'access_expires_at' | 'refresh_hash' | 'refresh_expires_at'> & {
      old_refresh_hash: string
    },
  ) =>
    db
      .updateTable('sessions')
      .set(columns(p, ['access_hash', 'access_expires_at', 'refresh_hash', 'refresh_expires_at']))
      .where('id', '=', p.id)
      .where('refresh_hash', '=', p.old_refresh_hash),
)

export const replaceAccess = prepared((db, p: Pick<Session, 'id' | 'user_id' | 'access_hash' | 'access_expires_at'>) =>
  db
    .updateTable('sessions')
    .set(columns(p, ['access_hash', 'access_expires_at']))
    .where('id', '=', p.id)
    .where('user_id', '=', p.user_id),
)

export const deleteSession = prepared((db, p: { id: string }) => db.deleteFrom('sessions').where('id', '=', p.id))

export const deleteSessionsOf = prepared((db, p: { user_id: string }) =>
  db.deleteFrom('sessions').where('user_id', '=', p.user_id),
)

export const deleteDeadSessions = prepared((db, p: { now: string }) =>
  db.deleteFrom('sessions').where('refresh_expires_at', '<', p.now),
)

export const findAttempts = prepared((db, p: { key: string }) =>
  db.selectFrom('attempts').selectAll().where('key', '=', p.key),
)

export const putAttempts = prepared((db, p: Schema['attempts']) =>
  db
    .insertInto('attempts')
    .values(columns(p, ['key', 'failures', 'blocked_until', 'forget_at']))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet(columns(p, ['failures', 'blocked_until', 'forget_at'])),
    ),
)

/**
 * The wrong tries of a key, none when there were none, held until the transaction ends: two processes never count from the same
 * number.
 */
export const holdAttempts = prepared((db, p: { key: string }) =>
  db
    .insertInto('attempts')
    .values({ key: p.key, failures: 0, blocked_until: '', forget_at: '' })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ key: p.key }))
    .returningAll(),
)

export const deleteAttempts = prepared((db, p: { key: string }) => db.deleteFrom('attempts').where('key', '=', p.key))

export const deleteForgottenAttempts = prepared((db, p: { now: string }) =>
  db.deleteFrom('attempts').where('forget_at', '<', p.now),
)

export const insertApp = prepared((db, p: Schema['apps']) =>
  db.insertInto('apps').values(columns(p, ['id', 'name', 'secret_sealed', 'created_at'])),
)

export const findApp = prepared((db, p: { id: string }) => db.selectFrom('apps').selectAll().where('id', '=', p.id))

export const selectApps = prepared((db, _p: object) =>
  db.selectFrom('apps').select(['id', 'name', 'created_at']).orderBy('created_at').limit(1000),
)

export const removeApp = prepared((db, p: { id: string }) => db.deleteFrom('apps').where('id', '=', p.id))

/** Takes a signature as used; 0 rows when it was used before. */
export const useSignature = prepared((db, p: Schema['used_signatures']) =>
  db
    .insertInto('used_signatures')
    .values(columns(p, ['signature', 'expires_at']))
    .onConflict((conflict) => conflict.column('signature').doNothing()),
)

export const deleteOldSignatures = prepared((db, p: { now: string }) =>
  db.deleteFrom('used_signatures').where('expires_at', '<', p.now),
)
