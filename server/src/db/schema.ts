import type { Kysely } from 'kysely'

/**
 * Every table. Ids and times are text (times: ISO 8601 UTC with milliseconds, so that text order is time order),
 * sizes are bytes, facts are 0 or 1. `…_fold` columns hold NFC text in lower case.
 */
export interface Schema {
  enterprise: { id: string; name: string; root_department_id: string; created_at: string }
  departments: {
    id: string
    parent_id: string | null
    name: string
    name_fold: string
    level: number
    created_at: string
  }
  users: {
    id: string
    account: string
    account_fold: string
    name: string
    name_fold: string
    department_id: string
    role: number
    status: number
    mobile: string
    email: string
    password_hash: string
    created_at: string
    updated_at: string
  }
  user_groups: {
    id: string
    name: string
    name_fold: string
    owner_id: string
    kind: number
    created_at: string
    updated_at: string
  }
  user_group_members: { group_id: string; user_id: string; created_at: string }
  apps: { id: string; name: string; secret_sealed: string; created_at: string }
  used_signatures: { signature: string; expires_at: string }
  sessions: {
    id: string
    user_id: string
    access_hash: string
    access_expires_at: string
    refresh_hash: string
    refresh_expires_at: string
    created_at: string
  }
  attempts: { key: string; failures: number; blocked_until: string; forget_at: string }
  spaces: {
    id: string
    kind: number
    owner_id: string
    root_id: string
    status: number
    capacity: number
    used: number
    created_at: string
    created_by: string
    updated_at: string
    updated_by: string
  }
  nodes: {
    id: string
    space_id: string
    parent_id: string | null
    name: string
    name_fold: string
    /** Text whose binary order is the natural order of the name. */
    name_key: string
    is_folder: number
    file_type: string
    mime_type: string
    suffix: string
    size: number
    blob_key: string | null
    description: string
    created_at: string
    created_by: string
    edited_at: string
    edited_by: string
    recycled_at: string | null
    recycled_by: string | null
    /** Name the parent had when the item went to the bin, for a restore after the parent is gone. */
    recycled_parent_name: string | null
    source_id: string | null
    /** Moves with every change of a child; keys finished pages. */
    children_version: number
  }
  uploads: {
    id: string
    space_id: string
    parent_id: string
    name: string
    clash_mode: number
    file_type: string
    mime_type: string
    description: string
    length: number
    sha256: string | null
    blob_key: string
    blob_ref: string
    created_by: string
    created_at: string
    edited_at: string
    expires_at: string
  }
  upload_parts: {
    upload_id: string
    number: number
    start: number
    size: number
    received_at: string | null
  }
  blobs: {
    key: string
    sha256: string
    size: number
    crc32: number
    refs: number
    unreferenced_at: string | null
    created_at: string
  }
  /** Contents to be removed from the store; written with the change that made them useless. */
  doomed_blobs: { key: string; ref: string; size: number; doomed_at: string }
  jobs: {
    id: string
    kind: number
    action: number
    owner_id: string
    status: number
    result: number | null
    error_code: number
    total: number
    done: number
    failed: number
    source_space_id: string
    target_space_id: string
    target_id: string
    created_at: string
    started_at: string | null
    ended_at: string | null
    lease_until: string | null
    lease_owner: string | null
  }
  job_items: {
    job_id: string
    number: number
    node_id: string
    path: string
    status: number
    new_node_id: string | null
    error_reason: string | null
  }
  shares: {
    id: string
    short_url: string
    owner_id: string
    space_id: string
    scope: number
    can_preview: number
    can_edit: number
    can_download: number
    code_hash: string | null
    code_sealed: string | null
    /** Changes with the code and with revocation; every visitor token names it. */
    code_version: string
    comment: string
    display_name: string
    created_at: string
    updated_at: string
    expires_at: string
    cancelled_at: string | null
    view_count: number
    download_count: number
    save_count: number
  }
  share_items: { share_id: string; node_id: string; number: number }
  share_receivers: { share_id: string; kind: ReceiverKind; receiver_id: string }
  idempotency_keys: {
    user_id: string
    key: string
    request_hash: string
    answer: string | null
    created_at: string
  }
  messages: {
    id: string
    user_id: string
    kind: string
    share_id: string
    created_at: string
    read_at: string | null
  }
  audit_events: {
    id: string
    at: string
    actor_id: string
    action: string
    subject_id: string
    detail: string
    trace_id: string
  }
}

export type ReceiverKind = 'department' | 'group' | 'user'

/** The database, or a transaction on it. */
export type Db = Kysely<Schema>

export type Engine = 'sqlite' | 'postgres'
