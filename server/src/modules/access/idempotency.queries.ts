import { prepared } from '../../db/prepared.ts'

/** Takes a key for a request; 0 rows while a younger one holds it. */
export const claimKey = prepared(
  (db, p: { user_id: string; key: string; request_hash: string; created_at: string; oldest: string }) =>
    db
      .insertInto('idempotency_keys')
      .values({ user_id: p.user_id, key: p.key, request_hash: p.request_hash, answer: null, created_at: p.created_at })
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'key'])
          .doUpdateSet({ request_hash: p.request_hash, answer: null, created_at: p.created_at })
          .where('idempotency_keys.created_at', '<', p.oldest),
      ),
)

export const findKey = prepared((db, p: { user_id: string; key: string }) =>
  db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'answer'])
    .where('user_id', '=', p.user_id)
    .where('key', '=', p.key),
)

export const keepAnswer = prepared((db, p: { user_id: string; key: string; answer: string }) =>
  db
    .updateTable('idempotency_keys')
    .set({ answer: p.answer })
    .where('user_id', '=', p.user_id)
    .where('key', '=', p.key),
)

export const deleteOldKeys = prepared((db, p: { before: string }) =>
  db.deleteFrom('idempotency_keys').where('created_at', '<', p.before),
)
