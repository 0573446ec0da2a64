import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder } from '../api.ts'
import { compare, type Slice } from '../compare.ts'
import { startLimit } from '../limits.ts'
import type { Program } from '../programs.ts'
import type { Row } from '../rows.ts'
import { type Stage, uploadInto } from '../stage.ts'
import type { UploadResult } from '../uploads.ts'

interface Size {
  name: string
  count: number
  bytes: number
  withSha256: boolean
  target: number
}

/** W6: many small files and one large file, durable and checked, beside node piping to a file with fsync. */
export async function runW6(stage: Stage): Promise<Row[]> {
  const folder = join(stage.workDir, 'piped')
  mkdirSync(folder, { recursive: true })
  const limit = await startLimit('pipe', stage.workDir, { folder })
  const { isShort } = stage.options
  const large = isShort ? 2 ** 28 : 2 ** 30
  try {
    return [
      ...(await compareSize(stage, limit, folder, {
        name: `${isShort ? 500 : 1000} × 4 KiB, 8 at a time`,
        count: isShort ? 500 : 1000,
        bytes: 4096,
        withSha256: false,
        target: 0.35,
      })),
      ...(await compareSize(stage, limit, folder, {
        name: `1 × ${large / 2 ** 20} MiB with SHA-256`,
        count: 1,
        bytes: large,
        withSha256: true,
        target: 0.85,
      })),
    ]
  } finally {
    await limit.stop()
  }
}

async function compareSize(stage: Stage, limit: Program, folder: string, size: Size): Promise<Row[]> {
  const { name, count, bytes, withSha256, target } = size
  const isLarge = count === 1
  const measure = (result: UploadResult): Slice => ({
    value: isLarge ? result.megabytesPerSecond : result.rate,
    latency: result.latency,
    cpuMs: result.cpuMsPerFile,
  })
  let slice = 0
  return await compare(stage, {
    workload: 'W6',
    name,
    unit: isLarge ? 'MB/s' : 'files/s',
    ours: async () => {
      const folderId = await createFolder(stage.session, `w6-${bytes}-${slice++}`)
      return measure(await uploadInto(stage, folderId, { count, bytes, withSha256 }))
    },
    limits: [
      {
        name: 'pipe',
        run: async () => {
          const result = await stage.client.run('uploads', {
            port: limit.port,
            target: { kind: 'pipe' },
            count,
            bytes,
            concurrency: Math.min(8, count),
            withSha256: false,
            cpuPid: limit.pid,
          })
          for (const file of result.fileIds) rmSync(join(folder, file))
          return measure(result)
        },
        target: { sign: '≥', value: target, of: 'ratio' },
      },
    ],
  })
}
