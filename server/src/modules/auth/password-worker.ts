import { argon2Sync } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Derivation } from './passwords.ts'

// this thread alone: hashing takes what the event loop leaves over, however many codes are tried
setPriority(19)

parentPort?.on('message', ({ message, nonce, memory, passes }: Derivation) => {
  const tag = argon2Sync('argon2id', { message, nonce, parallelism: 1, tagLength: 32, memory, passes })
  parentPort?.postMessage(tag)
})
