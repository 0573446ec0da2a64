import { type Parts, systemContext, timestamp } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { foldName } from '../../names.ts'
import { hashPassword } from '../auth/passwords.ts'
import { findEnterprise, insertDepartment, insertEnterprise } from '../directory/directory.service.ts'
import { newPassword } from './new-password.ts'
import { addPerson, systemAdministrator } from './people.changes.ts'

/**
 * On an empty database, makes the enterprise, its root department and the administrator `admin`; answers the password when
 * one had to be made, to be shown once. Otherwise changes nothing. Several processes may call it at once.
 */
export async function ensureFirstStart(parts: Parts): Promise<{ account: string; password: string } | undefined> {
  if (await findEnterprise.first(parts.db, {})) return undefined
  const password = parts.config.adminPassword || newPassword()
  const isFirst = await isFoundation(parts, await hashPassword(password))
  return isFirst && parts.config.adminPassword === '' ? { account: 'admin', password } : undefined
}

async function isFoundation(parts: Parts, passwordHash: string): Promise<boolean> {
  try {
    await found(parts, passwordHash)
    return true
  } catch (error) {
    if (error instanceof DriveError && error.reason === 'DUPLICATE_NAME') return false
    throw error
  }
}

async function found(parts: Parts, passwordHash: string): Promise<void> {
  const ctx = systemContext(parts)
  const at = timestamp(parts)
  const rootId = newId()
  const name = parts.config.enterpriseName
  await parts.db.transaction().execute(async (tx) => {
    // first of all the account: of several processes all but one end here, by its unique index
    await addPerson(tx, ctx, {
      account: 'admin',
      name: 'Administrator',
      passwordHash,
      departmentId: rootId,
      role: systemAdministrator,
      mobile: '',
      email: '',
    })
    await insertEnterprise.run(tx, { id: newId(), name, root_department_id: rootId, created_at: at })
    const root = { id: rootId, parent_id: null, name, name_fold: foldName(name), level: 1 }
    await insertDepartment.run(tx, { ...root, created_at: at })
  })
}
