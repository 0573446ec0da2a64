import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** CPU seconds a process and its threads have used so far; 0 without a pid or where /proc is missing. */
export function readCpuSeconds(pid: number | undefined): number {
  if (pid === undefined) return 0
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return 0
  }
}

/** Memory of a process in MB as its proportional share (PSS), or undefined where the system does not tell. */
export function readPssMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}
