import type { Engine } from '../schema.ts'

const liveSorts = ['name_key', 'size', 'edited_at', 'created_at', 'suffix'] as const
const folderSorts = ['name_key', 'edited_at', 'created_at'] as const

function nodeIndexes(): string[] {
  const live = liveSorts.map(
    (key) => `create index nodes_by_${key} on nodes (parent_id, ${key}, id) where recycled_at is null`,
  )
  const folders = folderSorts.map(
    (key) =>
      `create index folders_by_${key} on nodes (parent_id, ${key}, id) where recycled_at is null and is_folder = 1`,
  )
  const bin = [...liveSorts, 'recycled_at'].map(
    (key) => `create index bin_by_${key} on nodes (space_id, ${key}, id) where recycled_at is not null`,
  )
  return [
    'create unique index nodes_name on nodes (parent_id, name_fold) where recycled_at is null',
    'create index nodes_of_space on nodes (space_id, id)',
    ...live,
    ...folders,
    ...bin,
  ]
}

/** The first release's tables. */
export function statements(engine: Engine): string[] {
  // binary order of text everywhere, whatever the server's locale: keyset cursors depend on it
  const text = engine === 'postgres' ? 'text collate "C"' : 'text'
  const int = engine === 'postgres' ? 'bigint' : 'integer'
  const end = engine === 'postgres' ? '' : ' strict'
  const table = (name: string, columns: string) =>
    `create table ${name} (${columns.replaceAll('$text', text).replaceAll('$int', int)})${end}`
  // rows that live in their key's own tree: one tree less to write for each
  const keyed = (name: string, columns: string) =>
    table(name, columns) + (engine === 'postgres' ? '' : ', without rowid')
  return [
    table(
      'enterprise',
      'id $text primary key, name $text not null, root_department_id $text not null, created_at $text not null',
    ),
    table(
      'departments',
      `id $text primary key, parent_id $text, name $text not null, name_fold $text not null, level $int not null,
       created_at $text not null`,
    ),
    'create unique index departments_name on departments (parent_id, name_fold)',
    table(
      'users',
      `id $text primary key, account $text not null, account_fold $text not null unique, name $text not null, name_fold $text not null,
       department_id $text not null, role $int not null, status $int not null, mobile $text not null, email $text not null,
       password_hash $text not null, created_at $text not null, updated_at $text not null`,
    ),
    'create index users_of_department on users (department_id, name_fold, id)',
    'create index users_by_name on users (name_fold, id)',
    "create index users_by_mobile on users (mobile) where mobile <> ''",
    table(
      'user_groups',
      `id $text primary key, name $text not null, name_fold $text not null, owner_id $text not null, kind $int not null,
       created_at $text not null, updated_at $text not null`,
    ),
    'create unique index user_groups_name on user_groups (owner_id, kind, name_fold)',
    keyed(
      'user_group_members',
      'group_id $text not null, user_id $text not null, created_at $text not null, primary key (group_id, user_id)',
    ),
    'create index user_group_members_by_user on user_group_members (user_id, group_id)',
    table('apps', 'id $text primary key, name $text not null, secret_sealed $text not null, created_at $text not null'),
    keyed('used_signatures', 'signature $text primary key, expires_at $text not null'),
    'create index used_signatures_by_end on used_signatures (expires_at)',
    keyed(
      'sessions',
      `id $text primary key, user_id $text not null, access_hash $text not null unique, access_expires_at $text not null,
       refresh_hash $text not null unique, refresh_expires_at $text not null, created_at $text not null`,
    ),
    'create index sessions_of_user on sessions (user_id)',
    'create index sessions_by_end on sessions (refresh_expires_at)',
    keyed(
      'attempts',
      'key $text primary key, failures $int not null, blocked_until $text not null, forget_at $text not null',
    ),
    'create index attempts_by_end on attempts (forget_at)',
    table(
      'spaces',
      `id $text primary key, kind $int not null, owner_id $text not null, root_id $text not null, status $int not null,
       capacity $int not null, used $int not null, created_at $text not null, created_by $text not null,
       updated_at $text not null, updated_by $text not null`,
    ),
    'create index spaces_of_owner on spaces (owner_id, kind, id)',
    table(
      'nodes',
      `id $text primary key, space_id $text not null, parent_id $text, name $text not null, name_fold $text not null,
       name_key $text not null, is_folder $int not null, file_type $text not null, mime_type $text not null, suffix $text not null,
       size $int not null, blob_key $text, description $text not null, created_at $text not null, created_by $text not null,
       edited_at $text not null, edited_by $text not null, recycled_at $text, recycled_by $text, recycled_parent_name $text,
       source_id $text, children_version $int not null`,
    ),
    ...nodeIndexes(),
    table(
      'uploads',
      `id $text primary key, space_id $text not null, parent_id $text not null, name $text not null,
       clash_mode $int not null, file_type $text not null, mime_type $text not null, description $text not null, length $int not null,
       sha256 $text, blob_key $text not null, blob_ref $text not null, created_by $text not null, created_at $text not null,
       edited_at $text not null, expires_at $text not null`,
    ),
    'create index uploads_by_end on uploads (expires_at)',
    keyed(
      'upload_parts',
      `upload_id $text not null, number $int not null, start $int not null, size $int not null, received_at $text,
       primary key (upload_id, number)`,
    ),
    table(
      'blobs',
      `key $text primary key, sha256 $text not null unique, size $int not null, crc32 $int not null,
       refs $int not null, unreferenced_at $text, created_at $text not null`,
    ),
    'create index blobs_unreferenced on blobs (unreferenced_at) where unreferenced_at is not null',
    keyed('doomed_blobs', 'key $text primary key, ref $text not null, size $int not null, doomed_at $text not null'),
    'create index doomed_blobs_by_age on doomed_blobs (doomed_at)',
    keyed(
      'jobs',
      `id $text primary key, kind $int not null, action $int not null, owner_id $text not null, status $int not null, result $int,
       error_code $int not null, total $int not null, done $int not null, failed $int not null, source_space_id $text not null,
       target_space_id $text not null, target_id $text not null, created_at $text not null, started_at $text, ended_at $text,
       lease_until $text, lease_owner $text`,
    ),
    'create index jobs_of_owner on jobs (owner_id, id)',
    'create index jobs_open on jobs (id) where status < 2',
    keyed(
      'job_items',
      `job_id $text not null, number $int not null, node_id $text not null, path $text not null, status $int not null,
       new_node_id $text, error_reason $text, primary key (job_id, number)`,
    ),
    keyed(
      'shares',
      `id $text primary key, short_url $text not null unique, owner_id $text not null, space_id $text not null, scope $int not null,
       can_preview $int not null, can_edit $int not null, can_download $int not null, code_hash $text, code_sealed $text,
       code_version $text not null, comment $text not null, display_name $text not null, created_at $text not null,
       updated_at $text not null, expires_at $text not null, cancelled_at $text, view_count $int not null,
       download_count $int not null, save_count $int not null`,
    ),
    'create index shares_of_owner on shares (owner_id, created_at, id)',
    keyed(
      'share_items',
      'share_id $text not null, node_id $text not null, number $int not null, primary key (share_id, node_id)',
    ),
    'create index share_items_by_node on share_items (node_id, share_id)',
    keyed(
      'share_receivers',
      'share_id $text not null, kind $text not null, receiver_id $text not null, primary key (share_id, kind, receiver_id)',
    ),
    'create index share_receivers_by_receiver on share_receivers (kind, receiver_id, share_id)',
    keyed(
      'idempotency_keys',
      `user_id $text not null, key $text not null, request_hash $text not null, answer $text, created_at $text not null,
       primary key (user_id, key)`,
    ),
    'create index idempotency_keys_by_age on idempotency_keys (created_at)',
    table(
      'messages',
      `id $text primary key, user_id $text not null, kind $text not null, share_id $text not null, created_at $text not null,
       read_at $text, unique (user_id, kind, share_id)`,
    ),
    'create index messages_of_user on messages (user_id, id)',
    keyed(
      'audit_events',
      `id $text primary key, at $text not null, actor_id $text not null, action $text not null, subject_id $text not null,
       detail $text not null, trace_id $text not null`,
    ),
  ]
}
