import { createLink, type Link, ose } from '../api.ts'
import { createLoadSlices, medianLatency } from '../compare.ts'
import { type ClientProcess, startClient } from '../client-process.ts'
import { writeRequest } from '../exchange.ts'
import type { PacedResult } from '../paced.ts'
import type { Row } from '../rows.ts'
import { type Stage, uploadFolder } from '../stage.ts'
import { type Latency, median, ratioOfPairs } from '../statistics.ts'
import { prepareListing, probePage } from './pages.ts'

const wrongPerSecond = 50
const rightPerSecond = 5
const probesPerSecond = 200
const connections = 8
const code = 'Bench1Code'

/** What one second-part of the workload saw. */
interface Round {
  rate: number
  probe: Latency
  codes: PacedResult | undefined
}

/** W4b: the rate of W2 with and without strangers who try codes, and the stalls a third party sees meanwhile. */
export async function runW4b(stage: Stage): Promise<Row[]> {
  const { product } = stage
  const request = await prepareListing(stage, 'w4b')
  const { expect } = await probePage(product.port, request)
  const links = await createLinks(stage, Math.ceil((wrongPerSecond * stage.options.seconds * stage.options.pairs) / 2))
  const pages = createLoadSlices(stage, { program: product, requests: [writeRequest(request)], expect })
  const [prober, stranger] = [startClient(), startClient()]
  const codes = createCodeSlices(stage, stranger, links)
  const rounds: { calm: Round; tried: Round }[] = []
  try {
    for (let pair = 0; pair < stage.options.pairs; pair++) {
      const calm = await runRound(stage, prober, () => pages(connections))
      const tried = await runRound(stage, prober, () => pages(connections), codes)
      rounds.push({ calm, tried })
      stage.say(
        `W4b ${Math.round(calm.rate)} /s calm, ${Math.round(tried.rate)} /s with codes, stall ${tried.probe.max.toFixed(1)} ms`,
      )
    }
  } finally {
    prober.stop()
    stranger.stop()
  }
  return createRows(rounds)
}

/** Many links, because wrong codes on one link are soon refused without being checked. */
async function createLinks(stage: Stage, count: number): Promise<Link[]> {
  const { fileIds } = await uploadFolder(stage, 'w4b-links', { count: 1, bytes: 64 })
  const links: Link[] = []
  while (links.length < count) {
    const batch = Array.from({ length: 8 }, () => createLink(stage.session, fileIds[0] ?? '', code))
    links.push(...(await Promise.all(batch)))
  }
  return links
}

function createCodeSlices({ product, options }: Stage, client: ClientProcess, links: Link[]) {
  const every = wrongPerSecond / rightPerSecond
  const requests = links.map(({ shortUrl }, index) => {
    const extractCode = index % (every + 1) === every ? code : `Wrong${index}`
    const body = JSON.stringify({ shortUrl, extractCode })
    return writeRequest({ method: 'POST', path: `${ose}/share/public/verify`, body })
  })
  let offset = 0
  return async (): Promise<PacedResult> => {
    const perSecond = wrongPerSecond + rightPerSecond
    const seconds = options.seconds * 1.2
    const result = await client.run('paced', { port: product.port, perSecond, seconds, requests, offset })
    offset = result.nextOffset
    return result
  }
}

async function runRound(
  { product, options }: Stage,
  prober: ClientProcess,
  pages: () => Promise<{ value: number }>,
  codes?: () => Promise<PacedResult>,
): Promise<Round> {
  const seconds = options.seconds * 1.2
  const requests = [writeRequest({ method: 'GET', path: '/healthz' })]
  const [{ value }, probe, tried] = await Promise.all([
    pages(),
    prober.run('paced', { port: product.port, perSecond: probesPerSecond, seconds, requests }),
    codes?.(),
  ])
  if (probe.failures > 0 || (tried?.failures ?? 0) > 0) throw new Error('calls without an answer')
  return { rate: value, probe: probe.latency, codes: tried }
}

function createRows(rounds: { calm: Round; tried: Round }[]): Row[] {
  const rate = (pick: 'calm' | 'tried') => median(rounds.map((round) => round[pick].rate))
  const probe = (pick: 'calm' | 'tried') => medianLatency(rounds.map((round) => round[pick].probe))
  const outcomes: Record<string, number> = {}
  for (const { tried } of rounds) {
    for (const [outcome, count] of Object.entries(tried.codes?.outcomes ?? {})) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    }
  }
  const codes = medianLatency(rounds.flatMap(({ tried }) => tried.codes?.latency ?? []))
  const [calm, tried] = [probe('calm'), probe('tried')]
  const answers = Object.entries(outcomes).map(([outcome, count]) => `${count} × ${outcome}`)
  return [
    {
      workload: 'W4b',
      name: `page of 100 while codes are tried, ${connections} connections`,
      unit: '/s',
      ours: rate('tried'),
      limitName: 'without codes',
      limit: rate('calm'),
      ratio: ratioOfPairs(rounds.map((round) => ({ ours: round.tried.rate, limit: round.calm.rate }))),
      target: { sign: '≥', value: 0.7, of: 'ratio' },
      note: `${wrongPerSecond} wrong and ${rightPerSecond} right codes/s; answers: ${answers.join(', ')}`,
    },
    {
      workload: 'W4b',
      name: 'longest wait for /healthz meanwhile',
      unit: 'ms',
      ours: tried.max,
      limitName: 'without codes',
      limit: calm.max,
      latency: tried,
      limitLatency: calm,
      target: { sign: '≤', value: 20, of: 'ours' },
      note: `p99.9 ${tried.p999.toFixed(1)} ms, without codes ${calm.p999.toFixed(1)} ms; medians over the slices`,
    },
    { workload: 'W4b', name: 'answer to a code', unit: 'ms', ours: codes.p50, latency: codes },
  ]
}
