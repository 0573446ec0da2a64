import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { UserError } from './user-error.ts'

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks for a line; an empty answer gives the fallback. */
export async function ask(question: string, fallback = ''): Promise<string> {
  const answer = await readLine(fallback ? `${question} [${fallback}]: ` : `${question}: `, process.stderr)
  return answer.trim() || fallback
}

/** Asks for a secret; nothing of it is shown. */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  process.stderr.write(`${question}: `)
  try {
    return await readLine('', silent)
  } finally {
    process.stderr.write('\n')
  }
}

async function readLine(question: string, output: NodeJS.WritableStream): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stop = () => reject(new UserError('Interrupted.', 130))
  reader.on('SIGINT', stop)
  reader.on('close', stop)
  reader.question(question).then(resolve, reject)
  try {
    return await promise
  } finally {
    reader.close()
  }
}

/** The first line of standard input, for passwords that are piped in. */
export async function readPipedSecret(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > 10_000) break
  }
  const secret = text.split(/\r?\n/, 1)[0] ?? ''
  if (!secret) throw new UserError('Standard input held no password: pipe it in, followed by --password-stdin.')
  return secret
}
