import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { hasNginx } from './limits.ts'
import { root } from './programs.ts'

/** Facts of the machine that a reader needs to judge the numbers; nothing that names it. */
export interface Machine {
  cores: number
  processor: string
  memoryGiB: number
  kernel: string
  node: string
  sqlite: string
  /** Optional tools that took part. */
  tools: string[]
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const processors = cpus()
  return {
    cores: processors.length,
    processor: processors[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    tools: hasNginx ? ['nginx'] : [],
  }
}

/** The commit that is measured, with `-dirty` when tracked files of the product differ from it. */
export function describeCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'server', 'contract', 'cli', 'bin')
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '-dirty' : ''}`
  } catch {
    return 'unknown'
  }
}
