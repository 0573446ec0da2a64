import { fits } from '../../db/like.ts'
import { columns, prepared, textsOf } from '../../db/prepared.ts'
import type { Db, Schema } from '../../db/schema.ts'

type Department = Schema['departments']

export const findDepartment = prepared((db, p: { id: string }) =>
  db.selectFrom('departments').selectAll().where('id', '=', p.id),
)

export const findDepartmentByName = prepared((db, p: { parent_id: string; name_fold: string }) =>
  db.selectFrom('departments').selectAll().where('parent_id', '=', p.parent_id).where('name_fold', '=', p.name_fold),
)

export const selectDepartments = prepared((db, _p: object) =>
  db.selectFrom('departments').selectAll().orderBy('level').orderBy('name_fold'),
)

export const selectChildDepartments = prepared((db, p: { parent_id: string }) =>
  db.selectFrom('departments').selectAll().where('parent_id', '=', p.parent_id).orderBy('name_fold'),
)

/** Departments of the whole organisation whose name fits a pattern (db/like.ts), the upper ones first. */
export const searchDepartments = prepared((db, p: { name: string; limit: number }) =>
  db
    .selectFrom('departments')
    .selectAll()
    .where(fits('name_fold', p.name))
    .orderBy('level')
    .orderBy('name_fold')
    .orderBy('id')
    .limit(p.limit),
)

/** Departments by id. `ids` is a JSON array. */
export const selectDepartmentsById = prepared((db, p: { ids: string }) =>
  db.selectFrom('departments').select(['id', 'parent_id', 'name']).where('id', 'in', textsOf(db, p.ids)),
)

/** Adds a department; 0 rows when the name is taken below its parent. */
export const insertDepartment = prepared((db, p: Department) =>
  db
    .insertInto('departments')
    .values(columns(p, ['id', 'parent_id', 'name', 'name_fold', 'level', 'created_at']))
    .onConflict((conflict) => conflict.columns(['parent_id', 'name_fold']).doNothing()),
)

export const updateDepartmentRow = prepared((db, p: Pick<Department, 'id' | 'parent_id' | 'name' | 'name_fold'>) =>
  db
    .updateTable('departments')
    .set(columns(p, ['parent_id', 'name', 'name_fold']))
    .where('id', '=', p.id),
)

/** Makes the removal of a department wait for the end of this transaction; 0 rows when there is none. */
export const holdDepartment = prepared((db, p: { id: string }) =>
  db
    .updateTable('departments')
    .set((eb) => ({ level: eb.ref('level') }))
    .where('id', '=', p.id),
)

export const removeDepartment = prepared((db, p: { id: string }) => db.deleteFrom('departments').where('id', '=', p.id))

export const findChildDepartment = prepared((db, p: { parent_id: string }) =>
  db.selectFrom('departments').select('id').where('parent_id', '=', p.parent_id).limit(1),
)

export const findPersonOfDepartment = prepared((db, p: { department_id: string }) =>
  db.selectFrom('users').select('id').where('department_id', '=', p.department_id).limit(1),
)

// `union` and not `union all`: the walk ends even if a damaged tree had a circle
const above = prepared((db, p: { id: string }) =>
  db
    .withRecursive('above(id, parent_id)', (cte) =>
      cte
        .selectFrom('departments')
        .select(['departments.id', 'departments.parent_id'])
        .where('departments.id', '=', p.id)
        .union(
          cte
            .selectFrom('above')
            .innerJoin('departments', 'departments.id', 'above.parent_id')
            .select(['departments.id', 'departments.parent_id']),
        ),
    )
    .selectFrom('above')
    .select('id'),
)

/** The departments of which `id` is the top, with the rest of `db` for a query over them as `below`. */
export function withSubtree(db: Db, id: string) {
  return db.withRecursive('below(id)', (cte) =>
    cte
      .selectFrom('departments')
      .select('departments.id')
      .where('departments.id', '=', id)
      .union(
        cte.selectFrom('below').innerJoin('departments', 'departments.parent_id', 'below.id').select('departments.id'),
      ),
  )
}

/** The deepest level in a department's subtree. */
export const findDeepestLevel = prepared((db, p: { id: string }) =>
  withSubtree(db, p.id)
    .selectFrom('departments')
    .innerJoin('below', 'below.id', 'departments.id')
    .select((eb) => eb.fn.max('departments.level').as('level')),
)

/** Moves the levels of a department's whole subtree by `delta`. */
export const shiftLevels = prepared((db, p: { id: string; delta: number }) =>
  withSubtree(db, p.id)
    .updateTable('departments')
    .set((eb) => ({ level: eb('level', '+', p.delta) }))
    .where('id', 'in', (eb) => eb.selectFrom('below').select('below.id')),
)

/** Which of these departments (a JSON array of ids) exist. */
export const selectExistingDepartments = prepared((db, p: { json: string }) =>
  db.selectFrom('departments').select('id').where('id', 'in', textsOf(db, p.json)),
)

/** A department's id and those of all above it. */
export async function ancestorDepartmentIds(db: Db, departmentId: string): Promise<string[]> {
  return (await above.all(db, { id: departmentId })).map(({ id }) => id)
}
