import { join } from 'node:path'
import { ose } from '../api.ts'
import { compareLoads, probe } from '../compare.ts'
import { writeRequest } from '../exchange.ts'
import { startLimit } from '../limits.ts'
import type { Row } from '../rows.ts'
import { type Stage, uploadFolder } from '../stage.ts'

/** W1: create a share of one existing file, signed in, beside one durable insert. */
export async function runW1(stage: Stage): Promise<Row[]> {
  const { fileIds } = await uploadFolder(stage, 'w1', { count: 1, bytes: 4096 })
  const { authorization, containerId } = stage.session
  const request = {
    method: 'POST',
    path: `${ose}/share`,
    headers: { authorization },
    body: JSON.stringify({ scope: 1, fileIds, containerId, validDays: 7 }),
  }
  const limit = await startLimit('insert', stage.workDir, { file: join(stage.workDir, 'insert.sqlite') })
  try {
    const requests = [writeRequest(request)]
    return await compareLoads(stage, {
      workload: 'W1',
      name: 'create a share',
      ours: { program: stage.product, requests, expect: await expectOk(stage.product.port, request) },
      limits: [
        {
          name: 'insert',
          program: limit,
          requests,
          expect: await expectOk(limit.port, request),
          target: { sign: '≥', value: 0.5, of: 'ratio' },
        },
      ],
    })
  } finally {
    await limit.stop()
  }
}

async function expectOk(port: number, request: Parameters<typeof probe>[1]) {
  const { body, expect } = await probe(port, request)
  if (expect.status !== 200) throw new Error(`HTTP ${expect.status} ${body}`)
  return expect
}
