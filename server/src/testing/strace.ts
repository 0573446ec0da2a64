import { spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** One call of the traced processes into the system. */
export interface SystemCall {
  /** The main thread of a process has the number of the process. */
  thread: number
  name: string
  /** What its first argument, a descriptor, stands for: a path, or such as `socket:[1234]`. */
  path: string
  /** The bytes of its text arguments. */
  texts: Buffer[]
  /** Its numeric arguments behind the first. */
  numbers: number[]
  /** Line of the trace at which it began, and at which it had come back; Infinity when that was not seen. */
  begun: number
  ended: number
  result: number
}

/** Makes sure that there is strace. Throws with the line to run when it cannot be had. */
export function requireStrace(): void {
  const isThere = (): boolean => spawnSync('strace', ['-V']).status === 0
  if (isThere()) return
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['update', '-qq'])
    spawnSync('apt-get', ['install', '-y', '-qq', 'strace'])
    if (isThere()) return
  }
  throw new Error('these tests count system calls: run "sudo apt-get install -y strace" first')
}

/** The words before a command that write its calls of these names, with their bytes, to `file`. */
export function straceOf(file: string, names: string[], more: string[] = []): string[] {
  const whole = ['-f', '-qq', '-y', '-xx', '-s', '70000', '--seccomp-bpf']
  return ['strace', ...whole, '-e', `trace=${names.join(',')}`, ...more, '-o', file]
}

/** Reads a trace that `straceOf` made, in the order in which the calls began. */
export async function readTrace(file: string): Promise<SystemCall[]> {
  const calls: SystemCall[] = []
  const unfinished = new Map<number, SystemCall>()
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++
    const [, thread = '', resumed, name = '', rest = ''] =
      /^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$/.exec(text) ?? []
    const before = unfinished.get(Number(thread))
    if (resumed !== undefined && before) {
      Object.assign(before, { ended: line, result: resultOf(rest) })
      unfinished.delete(Number(thread))
    } else if (name !== '') {
      const isWhole = !rest.endsWith('<unfinished ...>')
      const call = {
        thread: Number(thread),
        name,
        ...argumentsOf(rest),
        begun: line,
        ended: Infinity,
        result: Number.NaN,
      }
      if (isWhole) Object.assign(call, { ended: line, result: resultOf(rest) })
      else unfinished.set(call.thread, call)
      calls.push(call)
    }
  }
  return calls
}

function resultOf(text: string): number {
  return Number(/ = (-?\d+)[^=]*$/.exec(text)?.[1] ?? Number.NaN)
}

function argumentsOf(text: string): Pick<SystemCall, 'path' | 'texts' | 'numbers'> {
  const path = /^\d+<([^>]*)>/.exec(text)?.[1] ?? ''
  const texts = [...text.matchAll(/"([^"]*)"/g)].map((match) => bytesOf(match[1] ?? ''))
  const plain = text.replace(/(\)| <unfinished).*$/, '').replaceAll(/"[^"]*"|<[^>]*>/g, '')
  const numbers = [...plain.matchAll(/, (\d+)(?=,|$)/g)].map((match) => Number(match[1]))
  return { path: bytesOf(path).toString(), texts, numbers }
}

function bytesOf(text: string): Buffer {
  return text.startsWith(String.raw`\x`) ? Buffer.from(text.replaceAll(String.raw`\x`, ''), 'hex') : Buffer.from(text)
}
