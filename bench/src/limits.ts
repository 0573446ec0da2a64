import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPort, type Program, startProgram } from './programs.ts'

export type LimitName = 'buffer' | 'naive' | 'json' | 'insert' | 'pipe'

/** Starts one limit program of `bench/limits/` with its arguments. */
export async function startLimit(name: LimitName, workDir: string, args: Record<string, string>): Promise<Program> {
  const port = await findPort()
  const file = fileURLToPath(new URL(`../limits/${name}.ts`, import.meta.url))
  const pairs = Object.entries({ port: String(port), ...args }).flatMap(([key, value]) => [`--${key}`, value])
  return startProgram({
    command: process.execPath,
    args: [file, ...pairs],
    port,
    logFile: join(workDir, `${name}.log`),
    readyPath: '/ready',
  })
}

/** Starts the limit `buffer` with the bytes of a real answer. */
export async function startBuffer(workDir: string, body: string | Buffer, status = 200): Promise<Program> {
  const file = join(workDir, `body-${performance.now()}.bin`)
  writeFileSync(file, body)
  const type = typeof body === 'string' ? 'application/json; charset=utf-8' : 'application/octet-stream'
  return startLimit('buffer', workDir, { body: file, type, status: String(status) })
}

const nginx = '/usr/sbin/nginx'

/** Whether nginx is installed, which is a limit for downloads. */
export const hasNginx = existsSync(nginx)

/** The product behind nginx: its port, and the folder that the internal location `/blobs` serves. */
export interface Backend {
  port: number
  blobs: string
}

/** Starts nginx with sendfile, as one worker: over the files of a folder, or before the product with the files under /plain. */
export async function startNginx(workDir: string, folder: string, backend?: Backend): Promise<Program> {
  const port = await findPort()
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const config = `${user} worker_processes 1; daemon off; pid ${workDir}/nginx.pid; error_log ${workDir}/nginx.log;
events { worker_connections 512; }
http {
  sendfile on; tcp_nopush on; keepalive_requests 1000000; access_log off; default_type application/octet-stream;
  client_body_temp_path ${workDir}/nginx-body; proxy_temp_path ${workDir}/nginx-proxy;
  fastcgi_temp_path ${workDir}/nginx-1; uwsgi_temp_path ${workDir}/nginx-2; scgi_temp_path ${workDir}/nginx-3;
  server {
    listen 127.0.0.1:${port};
    location = /ready { return 200; }
    ${backend ? writeFront(backend, folder) : `location / { root ${folder}; }`}
  }
}
`
  const file = join(workDir, 'nginx.conf')
  writeFileSync(file, config)
  return startProgram({
    command: nginx,
    args: ['-p', workDir, '-c', file],
    port,
    logFile: join(workDir, 'nginx.out'),
    readyPath: '/ready',
  })
}

function writeFront({ port, blobs }: Backend, folder: string): string {
  return `location /plain/ { alias ${folder}/; }
    location /blobs/ { internal; alias ${blobs}/; }
    location / {
      proxy_pass http://127.0.0.1:${port}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }`
}
