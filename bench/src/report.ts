import type { Machine } from './machine.ts'
import { isReached, type Row } from './rows.ts'

/** One run of the bench, as it is kept. */
export interface Run {
  startedAt: string
  commit: string
  isShort: boolean
  machine: Machine
  /** Load average of a minute before and after: what else the machine was doing. */
  load: number[]
  rows: Row[]
  failures: { workload: string; reason: string }[]
}

const columns = ['', 'what', 'ours', 'limit', 'ratio (spread)', 'p50 / p99 ms', 'CPU ms', 'to reach', 'reached']

/** The run as Markdown: machine, table, failures. */
export function writeMarkdown(run: Run): string {
  const { machine } = run
  const lines = [
    `# Benchmark of ${run.startedAt.slice(0, 10)}, commit ${run.commit}${run.isShort ? ' (short)' : ''}`,
    '',
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.kernel}, Node ${machine.node}, SQLite ${machine.sqlite}; load ${run.load.join(' to ')}.`,
    'Ratios come from one run, pair by pair; the spread is the smallest and largest pair. Only ratios compare between machines.',
    'p50 / p99 and CPU are ours, those of the limit in brackets. How each number is made: [README](../README.md).',
    '',
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---').join('|')}|`,
    ...run.rows.map((row) => `| ${cellsOf(row).join(' | ')} |`),
    '',
  ]
  for (const { workload, reason } of run.failures)
    lines.push(`**${workload} failed:** ${reason.replaceAll('\n', ' ')}`, '')
  const notes = new Set(run.rows.flatMap(({ workload, note }) => (note ? [`- ${workload}: ${note}`] : [])))
  if (notes.size > 0) lines.push('Notes', '', ...notes, '')
  return lines.join('\n')
}

/** One row as the cells of the table. */
export function cellsOf(row: Row): string[] {
  const { ratio, latency, limitLatency, target } = row
  const reached = isReached(row)
  const limitText = row.limit === undefined ? '' : `${row.limitName ?? ''} ${formatNumber(row.limit)}`
  return [
    row.workload,
    row.name,
    `${formatNumber(row.ours)} ${row.unit}`,
    limitText,
    ratio ? `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '',
    latency ? `${latencyText(latency)}${limitLatency ? ` [${latencyText(limitLatency)}]` : ''}` : '',
    row.cpuMs === undefined ? '' : `${row.cpuMs.toFixed(3)}${row.limitCpuMs ? ` [${row.limitCpuMs.toFixed(3)}]` : ''}`,
    target ? `${target.sign} ${target.value}${target.of === 'ours' ? ` ${row.unit}` : ''}` : '',
    reached === undefined ? '' : reached ? 'yes' : 'NO',
  ]
}

function latencyText({ p50, p99 }: { p50: number; p99: number }): string {
  return `${p50.toFixed(2)} / ${p99.toFixed(2)}`
}

/** A number with about three digits that mean something, thousands separated. */
export function formatNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
