import type { SelectQueryBuilder } from 'kysely'
import { fits } from '../../db/like.ts'
import { prepared } from '../../db/prepared.ts'
import type { Db, Schema } from '../../db/schema.ts'
import { withSubtree } from './departments.queries.ts'

/** Which people; a list without a search word, or of everybody, does not look at the rest. */
interface Filter {
  department_id: string
  /** Patterns (db/like.ts); one of the two has to fit. */
  name: string
  account: string
}

type People = SelectQueryBuilder<Schema, 'users', object>
type PeopleOf = (db: Db, p: Filter) => People

const everybody: PeopleOf = (db) => db.selectFrom('users')

const inDepartment: PeopleOf = (db, p) => everybody(db, p).where('users.department_id', '=', p.department_id)

const inSubtree: PeopleOf = (db, p) =>
  everybody(db, p).where('users.department_id', 'in', () =>
    withSubtree(db, p.department_id).selectFrom('below').select('below.id'),
  )

// a search looks at so many people at most: more than twice as many as the product is made for
const mostSearched = 50_000

function named(people: PeopleOf): PeopleOf {
  return (db, p) =>
    db
      .selectFrom(people(db, p).selectAll().limit(mostSearched).as('users'))
      .where((eb) => eb.or([fits('users.name_fold', p.name), fits('users.account_fold', p.account)]))
}

function countOf(people: PeopleOf) {
  return prepared((db, p: Filter) => people(db, p).select((eb) => eb.fn.countAll<number>().as('count')))
}

function pageOf(people: PeopleOf) {
  return prepared((db, p: Filter & { limit: number; offset: number }) =>
    people(db, p)
      .leftJoin('departments', 'departments.id', 'users.department_id')
      .select([
        'users.id',
        'users.account',
        'users.name',
        'users.department_id',
        'departments.name as department_name',
        'users.mobile',
        'users.role',
        'users.status',
      ])
      .orderBy('users.name_fold')
      .orderBy('users.id')
      .limit(p.limit)
      .offset(p.offset),
  )
}

function listOf(people: PeopleOf) {
  return { count: countOf(people), page: pageOf(people) }
}

/** The lists of people by whose they are, with the plain list and the one a search word filters. */
export const peopleLists = {
  everybody: { plain: listOf(everybody), named: listOf(named(everybody)) },
  inDepartment: { plain: listOf(inDepartment), named: listOf(named(inDepartment)) },
  inSubtree: { plain: listOf(inSubtree), named: listOf(named(inSubtree)) },
}

/** People as the administrator sees them, from the account after `after` on. */
function accountsOf(people: PeopleOf, isNamed: boolean) {
  return prepared((db, p: Filter & { after: string; limit: number }) => {
    const accounts = people(db, p)
      .leftJoin('departments', 'departments.id', 'users.department_id')
      .selectAll('users')
      .select((eb) => [
        'departments.name as department_name',
        eb
          .selectFrom('spaces')
          .select('spaces.id')
          .whereRef('spaces.owner_id', '=', 'users.id')
          .where('spaces.kind', '=', 1)
          .orderBy('spaces.id')
          .limit(1)
          .as('space_id'),
      ])
      .where('users.account_fold', '>', p.after)
      .orderBy('users.account_fold')
      .limit(p.limit)
    if (!isNamed) return accounts
    return accounts.where((eb) => eb.or([fits('users.name_fold', p.name), fits('users.account_fold', p.account)]))
  })
}

/** The lists of accounts by whose they are, with the plain list and the one a search word filters. */
export const accountLists = {
  everybody: { plain: accountsOf(everybody, false), named: accountsOf(everybody, true) },
  inSubtree: { plain: accountsOf(inSubtree, false), named: accountsOf(inSubtree, true) },
}
