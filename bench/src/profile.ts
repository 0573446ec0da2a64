import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './programs.ts'

/** A span of the machine's monotonic clock in microseconds. */
export interface Window {
  from: number
  to: number
}

interface ProfileNode {
  id: number
  callFrame: { functionName: string; url: string; lineNumber: number }
  children?: number[]
}

/** What `--cpu-prof` writes. */
export interface Profile {
  nodes: ProfileNode[]
  startTime: number
  samples: number[]
  timeDeltas: number[]
}

/** Time spent by name, largest first, in milliseconds. */
export type Ranking = [name: string, milliseconds: number][]

/** Where the time of some windows went. */
export interface ProfileSummary {
  milliseconds: number
  /** Time in a function itself. */
  self: Ranking
  /** The same, added up by source file or package. */
  byFile: Ranking
  /** Time in a function of the product and all it calls. */
  inclusive: Ranking
}

/** The main thread's profiles in a folder. */
export function readProfiles(folder: string): Profile[] {
  const names = readdirSync(folder).filter((name) => /\.\d+\.0\.\d+\.cpuprofile$/.test(name))
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile)
}

/** Adds up the samples of several profiles that fall into the windows. */
export function summariseProfiles(profiles: readonly Profile[], windows: readonly Window[]): ProfileSummary {
  const [self, byFile, inclusive] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
  let total = 0
  for (const profile of profiles) {
    const lineages = createLineages(profile)
    let at = profile.startTime
    for (const [index, sample] of profile.samples.entries()) {
      const spent = (profile.timeDeltas[index + 1] ?? 0) / 1000
      at += profile.timeDeltas[index] ?? 0
      const lineage = lineages.get(sample)
      if (!lineage || !windows.some(({ from, to }) => at >= from && at <= to)) continue
      total += spent
      add(self, lineage.name, spent)
      add(byFile, lineage.file, spent)
      for (const name of lineage.own) add(inclusive, name, spent)
    }
  }
  return { milliseconds: total, self: rank(self), byFile: rank(byFile), inclusive: rank(inclusive) }
}

interface Lineage {
  name: string
  file: string
  /** Functions of the product on the stack. */
  own: Set<string>
}

function createLineages({ nodes }: Profile): Map<number, Lineage> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, describeFrame(callFrame)]))
  return new Map(
    nodes.map(({ id }) => {
      const own = new Set<string>()
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        const frame = frames.get(at)
        if (frame?.isOwn) own.add(frame.name)
      }
      const { name = '?', file = '?' } = frames.get(id) ?? {}
      return [id, { name, file, own }]
    }),
  )
}

function describeFrame({ functionName, url, lineNumber }: ProfileNode['callFrame']) {
  const path = url.replace('file://', '').replace(root, '')
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
  const file = inPackage ?? (path === '' ? functionName : path)
  const place = path === '' ? '' : ` ${path.replace(/.*node_modules\//, '')}:${lineNumber + 1}`
  return { name: `${functionName || '(anonymous)'}${place}`, file, isOwn: /^(server|contract|cli)\//.test(path) }
}

function add(into: Map<string, number>, name: string, amount: number): void {
  into.set(name, (into.get(name) ?? 0) + amount)
}

function rank(times: Map<string, number>): Ranking {
  return [...times].toSorted(([, a], [, b]) => b - a)
}
