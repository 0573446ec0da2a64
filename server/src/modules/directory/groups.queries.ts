import { sql } from 'kysely'
import { fits } from '../../db/like.ts'
import { columns, prepared, textsOf } from '../../db/prepared.ts'
import type { Db, Schema } from '../../db/schema.ts'

type Group = Schema['user_groups']

/** Adds a group; 0 rows when its owner has one of that name and kind. */
export const insertGroup = prepared((db, p: Group) =>
  db
    .insertInto('user_groups')
    .values(columns(p, ['id', 'name', 'name_fold', 'owner_id', 'kind', 'created_at', 'updated_at']))
    .onConflict((conflict) => conflict.columns(['owner_id', 'kind', 'name_fold']).doNothing()),
)

export const findOwnGroup = prepared((db, p: { id: string; owner_id: string }) =>
  db.selectFrom('user_groups').selectAll().where('id', '=', p.id).where('owner_id', '=', p.owner_id),
)

/** Notes a change of an owner's group, and makes other changes of it wait; 0 rows when it is not the owner's. */
export const touchGroup = prepared((db, p: { id: string; owner_id: string; updated_at: string }) =>
  db
    .updateTable('user_groups')
    .set({ updated_at: p.updated_at })
    .where('id', '=', p.id)
    .where('owner_id', '=', p.owner_id),
)

interface GroupList {
  owner_id: string
  kind: number
  /** db/like.ts */
  pattern: string
}

// an owner has 200 groups of a kind at most: nothing here grows with the enterprise
export const countGroups = prepared((db, p: GroupList) =>
  db
    .selectFrom('user_groups')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('owner_id', '=', p.owner_id)
    .where('kind', '=', p.kind)
    .where(fits('name_fold', p.pattern)),
)

export const selectGroups = prepared((db, p: GroupList & { after_time: string; after_id: string; limit: number }) =>
  db
    .selectFrom('user_groups')
    .selectAll()
    .where('owner_id', '=', p.owner_id)
    .where('kind', '=', p.kind)
    .where(fits('name_fold', p.pattern))
    .where(sql<boolean>`(created_at, id) > (${p.after_time}, ${p.after_id})`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(p.limit),
)

/** Adds to a group those of these people (`json`) who exist and are not in it. */
export const insertGroupMembers = prepared((db, p: { group_id: string; json: string; created_at: string }) =>
  db
    .insertInto('user_group_members')
    .columns(['group_id', 'user_id', 'created_at'])
    .expression((eb) =>
      eb
        .selectFrom('users')
        .select((one) => [
          sql<string>`cast(${p.group_id} as text)`.as('group_id'),
          one.ref('users.id').as('user_id'),
          sql<string>`cast(${p.created_at} as text)`.as('created_at'),
        ])
        .where('users.id', 'in', textsOf(db, p.json)),
    )
    .onConflict((conflict) => conflict.columns(['group_id', 'user_id']).doNothing()),
)

export const deleteGroupMembers = prepared((db, p: { group_id: string; json: string }) =>
  db.deleteFrom('user_group_members').where('group_id', '=', p.group_id).where('user_id', 'in', textsOf(db, p.json)),
)

export const countGroupMembers = prepared((db, p: { group_id: string }) =>
  db
    .selectFrom('user_group_members')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('group_id', '=', p.group_id),
)

export const countGroupMembersByName = prepared((db, p: { group_id: string; pattern: string }) =>
  db
    .selectFrom('user_group_members')
    .innerJoin('users', 'users.id', 'user_group_members.user_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('group_id', '=', p.group_id)
    .where(fits('users.name_fold', p.pattern)),
)

export const selectGroupMembers = prepared(
  (db, p: { group_id: string; pattern: string; offset: number; limit: number }) =>
    db
      .selectFrom('user_group_members')
      .innerJoin('users', 'users.id', 'user_group_members.user_id')
      .leftJoin('departments', 'departments.id', 'users.department_id')
      .select([
        'users.id',
        'users.name',
        'users.mobile',
        'users.department_id',
        'departments.name as department_name',
        'user_group_members.created_at',
      ])
      .where('group_id', '=', p.group_id)
      .where(fits('users.name_fold', p.pattern))
      .orderBy('users.name_fold')
      .orderBy('users.id')
      .limit(p.limit)
      .offset(p.offset),
)

const selectGroupsOfMember = prepared((db, p: { user_id: string }) =>
  db.selectFrom('user_group_members').select('group_id').where('user_id', '=', p.user_id),
)

/** Which of these groups (a JSON array of ids) are this owner's. */
export const selectOwnGroups = prepared((db, p: { owner_id: string; json: string }) =>
  db.selectFrom('user_groups').select('id').where('owner_id', '=', p.owner_id).where('id', 'in', textsOf(db, p.json)),
)

/** The groups a person is a member of. */
export async function groupIdsOf(db: Db, userId: string): Promise<string[]> {
  return (await selectGroupsOfMember.all(db, { user_id: userId })).map((row) => row.group_id)
}
