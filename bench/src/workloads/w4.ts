import { createLink, type Link, openLink, ose } from '../api.ts'
import { compareLoads, probe } from '../compare.ts'
import { type WireRequest, writeRequest } from '../exchange.ts'
import { startBuffer } from '../limits.ts'
import type { Row } from '../rows.ts'
import { type Stage, uploadFolder } from '../stage.ts'

const codeRequired = 13_000_906

/** W4: what a link is, asked for a link with a code, beside the same bytes from memory. */
export async function runW4(stage: Stage): Promise<Row[]> {
  const { fileIds } = await uploadFolder(stage, 'w4', { count: 1, bytes: 4096 })
  const link = await createLink(stage.session, fileIds[0] ?? '', 'Bench1Code')
  await openLink(stage.product.port, link)
  return [
    ...(await compareCall(stage, 'userInfo', link, 0)),
    ...(await compareCall(stage, 'visit', link, codeRequired)),
  ]
}

async function compareCall(stage: Stage, call: 'userInfo' | 'visit', { shortUrl }: Link, code: number): Promise<Row[]> {
  const request: WireRequest = { method: 'GET', path: `${ose}/share/public/${call}?shortUrl=${shortUrl}` }
  const { body, expect } = await probe(stage.product.port, request)
  const answer = JSON.parse(body) as { code: number }
  if (answer.code !== code) throw new Error(`${call} answers ${body.slice(0, 300)}`)
  const buffer = await startBuffer(stage.workDir, body, expect.status)
  const requests = [writeRequest(request)]
  try {
    return await compareLoads(stage, {
      workload: 'W4',
      name: `${call} of a link with a code`,
      ours: { program: stage.product, requests, expect },
      limits: [{ name: 'buffer', program: buffer, requests, expect, target: { sign: '≥', value: 0.45, of: 'ratio' } }],
      note: `HTTP ${expect.status}, code ${answer.code}, ${expect.bytes ?? 'varying'} bytes`,
    })
  } finally {
    await buffer.stop()
  }
}
