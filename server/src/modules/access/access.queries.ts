import { prepared } from '../../db/prepared.ts'

/** A space with the state of its owner. */
export const findSpaceWithOwner = prepared(
  (db, p: { id: string }) =>
    db
      .selectFrom('spaces')
      .leftJoin('users', 'users.id', 'spaces.owner_id')
      .select([
        'spaces.id',
        'spaces.kind',
        'spaces.owner_id',
        'spaces.root_id',
        'spaces.status',
        'users.status as owner_status',
      ])
      .where('spaces.id', '=', p.id),
  { isHot: true },
)
