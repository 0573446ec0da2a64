import { columns, prepared, textsOf } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

type User = Schema['users']

/** The one enterprise of an installation. */
export const findEnterprise = prepared((db, _p: object) => db.selectFrom('enterprise').selectAll().limit(1))

export const insertEnterprise = prepared((db, p: Schema['enterprise']) =>
  db.insertInto('enterprise').values(columns(p, ['id', 'name', 'root_department_id', 'created_at'])),
)

/** Makes every other change of the tree of departments, or of who administrates, wait for the end of this transaction. */
export const holdEnterprise = prepared((db, _p: object) =>
  db.updateTable('enterprise').set((eb) => ({ name: eb.ref('name') })),
)

export const findUserById = prepared((db, p: { id: string }) =>
  db.selectFrom('users').selectAll().where('id', '=', p.id),
)

export const findUserByAccount = prepared((db, p: { account_fold: string }) =>
  db.selectFrom('users').selectAll().where('account_fold', '=', p.account_fold),
)

/** The people with one of these accounts (`json`: folded, a JSON array). */
export const selectUsersByAccount = prepared((db, p: { json: string }) =>
  db.selectFrom('users').selectAll().where('account_fold', 'in', textsOf(db, p.json)),
)

/** Adds a person; 0 rows when the account is taken. */
export const insertUser = prepared((db, p: User) =>
  db
    .insertInto('users')
    .values(
      columns(p, [
        'id',
        'account',
        'account_fold',
        'name',
        'name_fold',
        'department_id',
        'role',
        'status',
        'mobile',
        'email',
        'password_hash',
        'created_at',
        'updated_at',
      ]),
    )
    .onConflict((conflict) => conflict.column('account_fold').doNothing()),
)

/** Makes other changes of this person wait for the end of this transaction; 0 rows when there is none. */
export const holdUser = prepared((db, p: { id: string }) =>
  db
    .updateTable('users')
    .set((eb) => ({ status: eb.ref('status') }))
    .where('id', '=', p.id),
)

export const updateUserRow = prepared(
  (
    db,
    p: Pick<
      User,
      'id' | 'name' | 'name_fold' | 'department_id' | 'role' | 'status' | 'mobile' | 'email' | 'updated_at'
    >,
  ) =>
    db
      .updateTable('users')
      .set(columns(p, ['name', 'name_fold', 'department_id', 'role', 'status', 'mobile', 'email', 'updated_at']))
      .where('id', '=', p.id),
)

export const updatePasswordHash = prepared((db, p: Pick<User, 'id' | 'password_hash' | 'updated_at'>) =>
  db
    .updateTable('users')
    .set(columns(p, ['password_hash', 'updated_at']))
    .where('id', '=', p.id),
)

export const countUsers = prepared((db, _p: object) =>
  db.selectFrom('users').select((eb) => eb.fn.countAll<number>().as('count')),
)

export const findAnyAdministrator = prepared((db, _p: object) =>
  db.selectFrom('users').select('id').where('role', '=', 2).where('status', '=', 0).limit(1),
)

/** Which of these users (a JSON array of ids) exist. */
export const selectExistingUsers = prepared((db, p: { json: string }) =>
  db.selectFrom('users').select('id').where('id', 'in', textsOf(db, p.json)),
)

/** The people with one of these mobile numbers (a JSON array, in the form they are kept in), oldest first. */
export const selectUsersByMobile = prepared((db, p: { json: string }) =>
  db
    .selectFrom('users')
    .select(['id', 'mobile'])
    .where('mobile', '<>', '')
    .where('mobile', 'in', textsOf(db, p.json))
    .orderBy('id'),
)
