import { spawn, execFile } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { access, constants, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** What a client needs to talk to an S3 server. */
export interface S3Access {
  endpoint: string
  accessKeyId: string
  secretAccessKey: string
}

/** An S3 server for tests. `stop` ends what was started for it, and nothing else. */
export interface TestS3 extends S3Access {
  createBucket(name: string): Promise<void>
  stop(): Promise<void>
}

interface Cluster {
  folder: string
  config: string
  children: ChildProcess[]
}

const packages = ['radosgw', 'ceph-mon', 'ceph-mgr', 'ceph-osd']
const binaries = ['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-mgr', 'ceph-osd', 'ceph-authtool', 'monmaptool']
const installLine = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`
const run = promisify(execFile)

/** The S3 server named by DRIVEWAY_TEST_S3 (JSON with endpoint, accessKeyId, secretAccessKey), or else a fresh radosgw. */
export async function testS3(): Promise<TestS3> {
  const shared = process.env.DRIVEWAY_TEST_S3
  if (shared === undefined || shared === '') return startRadosgw()
  const given = JSON.parse(shared) as S3Access
  return { ...given, createBucket: (name) => createBucket(given, name), stop: async () => {} }
}

/**
 * Starts a Ceph object gateway that keeps everything in memory, on 127.0.0.1 only, and installs it first when it is missing and
 * we may. Throws an Error whose message is the line to run when it is missing and we may not.
 */
export async function startRadosgw(): Promise<TestS3> {
  await requireBinaries()
  const folder = await mkdtemp(join(tmpdir(), 'rgw-'))
  const cluster: Cluster = { folder, config: join(folder, 'ceph.conf'), children: [] }
  const killAll = (): void => cluster.children.forEach((child) => child.kill('SIGKILL'))
  process.once('exit', killAll)
  const stop = async (): Promise<void> => {
    process.off('exit', killAll)
    await stopCluster(cluster)
  }
  try {
    const server = await startCluster(cluster)
    return { ...server, createBucket: (name) => createBucket(server, name), stop }
  } catch (error) {
    const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '')
    await stop()
    throw new Error(`radosgw did not start\n${log.slice(-4000)}`, { cause: error })
  }
}

async function requireBinaries(): Promise<void> {
  if (await hasBinaries()) return
  if (process.getuid?.() !== 0 || !(await isInstalled('apt-get'))) throw new Error(installLine)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  try {
    await run('apt-get', install, { env, maxBuffer: 64 << 20 })
  } catch {
    await run('apt-get', ['update'], { env, maxBuffer: 64 << 20 })
    await run('apt-get', install, { env, maxBuffer: 64 << 20 })
  }
  if (!(await hasBinaries())) throw new Error(installLine)
}

async function hasBinaries(): Promise<boolean> {
  return (await Promise.all(binaries.map(isInstalled))).every(Boolean)
}

async function isInstalled(binary: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const tries = folders.map((folder) => access(join(folder, binary), constants.X_OK))
  return Promise.any(tries).then(
    () => true,
    () => false,
  )
}

async function startCluster(cluster: Cluster): Promise<S3Access> {
  const [v2, v1, http] = [await freePort(), await freePort(), await freePort()]
  const fsid = randomUUID()
  await writeConfig(cluster, { fsid, monitor: `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`, http })
  await startMonitor(cluster, fsid, `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`)
  await addKey(cluster, 'mgr.x', join('mgr', 'keyring'), ['mon', 'allow profile mgr', 'osd', 'allow *'])
  await startDaemon(cluster, 'ceph-mgr', ['-i', 'x'])
  await startStorage(cluster)
  await addKey(cluster, 'client.rgw', join('rgw', 'keyring'), ['mon', 'allow rwx', 'osd', 'allow rwx'])
  await startDaemon(cluster, 'radosgw', ['-n', 'client.rgw'])
  const server = { endpoint: `http://127.0.0.1:${http}`, ...newCredentials() }
  const keys = [`--access-key=${server.accessKeyId}`, `--secret-key=${server.secretAccessKey}`]
  await ceph(cluster, 'radosgw-admin', ['user', 'create', '--uid=test', '--display-name=test', ...keys])
  await until(cluster, async () => (await fetch(server.endpoint)).ok)
  return server
}

interface ClusterNet {
  fsid: string
  monitor: string
  http: number
}

async function writeConfig(cluster: Cluster, net: ClusterNet): Promise<void> {
  const { folder } = cluster
  for (const name of ['mon', 'mgr', 'osd', 'rgw']) await mkdir(join(folder, name), { mode: 0o700 })
  const lines = Object.entries(settingsFor(folder, net)).map(([name, value]) => `${name} = ${value}`)
  const own = ['[mgr.x]', `keyring = ${join(folder, 'mgr', 'keyring')}`]
  own.push('[osd.0]', `keyring = ${join(folder, 'osd', 'keyring')}`)
  own.push('[client.rgw]', `keyring = ${join(folder, 'rgw', 'keyring')}`)
  await writeFile(cluster.config, `${['[global]', ...lines, ...own].join('\n')}\n`, { mode: 0o600 })
}

function settingsFor(folder: string, net: ClusterNet): Record<string, string | number | boolean> {
  return {
    fsid: net.fsid,
    'mon host': net.monitor,
    'mon initial members': 'a',
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'auth cluster required': 'cephx',
    'auth service required': 'cephx',
    'auth client required': 'cephx',
    keyring: join(folder, 'admin.keyring'),
    'run dir': folder,
    'admin socket': join(folder, '$name.sock'),
    'pid file': '',
    'log file': '',
    'mon cluster log file': '',
    'crash dir': folder,
    'mon data': join(folder, 'mon'),
    'mgr data': join(folder, 'mgr'),
    'osd data': join(folder, 'osd'),
    'rgw data': join(folder, 'rgw'),
    'mgr initial modules': '',
    'mon data avail crit': 1,
    'mon allow pool size one': true,
    'osd objectstore': 'memstore',
    'memstore device bytes': 4 * 2 ** 30,
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'osd pool default pg num': 2,
    'osd pool default pg autoscale mode': 'off',
    'osd crush chooseleaf type': 0,
    'osd crush update on start': true,
    'rgw frontends': `beast endpoint=127.0.0.1:${net.http}`,
    'rgw enable usage log': false,
  }
}

async function startMonitor(cluster: Cluster, fsid: string, address: string): Promise<void> {
  const keyring = join(cluster.folder, 'admin.keyring')
  const map = join(cluster.folder, 'monmap')
  await run('ceph-authtool', ['--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *'])
  const everything = ['mon', 'osd', 'mgr'].flatMap((part) => ['--cap', part, 'allow *'])
  await run('ceph-authtool', [keyring, '--gen-key', '-n', 'client.admin', ...everything])
  await run('monmaptool', ['--create', '--addv', 'a', address, '--fsid', fsid, map])
  await ceph(cluster, 'ceph-mon', ['--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring])
  await startDaemon(cluster, 'ceph-mon', ['-i', 'a', '--keyring', keyring])
}

/** The monitor silently ignores a storage daemon made with another UUID than it was told. */
async function startStorage(cluster: Cluster): Promise<void> {
  const uuid = randomUUID()
  await ceph(cluster, 'ceph', ['osd', 'new', uuid, '0'])
  await addKey(cluster, 'osd.0', join('osd', 'keyring'), [
    'mon',
    'allow profile osd',
    'mgr',
    'allow profile osd',
    'osd',
    'allow *',
  ])
  await ceph(cluster, 'ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', uuid])
  await startDaemon(cluster, 'ceph-osd', ['-i', '0'])
  await until(cluster, async () => /1 up/.test(await ceph(cluster, 'ceph', ['osd', 'stat'])))
}

async function addKey(cluster: Cluster, name: string, file: string, caps: string[]): Promise<void> {
  const key = await ceph(cluster, 'ceph', ['auth', 'get-or-create', name, ...caps])
  await writeFile(join(cluster.folder, file), key, { mode: 0o600 })
}

async function ceph(cluster: Cluster, command: string, args: string[]): Promise<string> {
  const [program = command, ...rest] = await tied([command, '-c', cluster.config, ...args])
  const { stdout } = await run(program, rest, { timeout: 60_000 })
  return stdout
}

/** Starts a daemon in the foreground. */
async function startDaemon(cluster: Cluster, command: string, args: string[]): Promise<void> {
  const log = await open(join(cluster.folder, 'log'), 'a', 0o600)
  const [program = command, ...rest] = await tied([command, '-f', '-c', cluster.config, ...args])
  const child = spawn(program, rest, { stdio: ['ignore', log.fd, log.fd] })
  cluster.children.push(child)
  await once(child, 'spawn')
  await log.close()
}

/** The command line as one that the kernel kills when this process dies, however it dies. */
async function tied(line: string[]): Promise<string[]> {
  return (await isInstalled('setpriv')) ? ['setpriv', '--pdeathsig', 'KILL', ...line] : line
}

async function stopCluster(cluster: Cluster): Promise<void> {
  const running = cluster.children.filter((child) => child.exitCode === null && child.signalCode === null)
  const gone = running.map((child) => once(child, 'exit'))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(gone)
  await rm(cluster.folder, { recursive: true, force: true })
}

async function until(cluster: Cluster, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!(await isReady().catch(() => false))) {
    const dead = cluster.children.find((child) => child.exitCode !== null)
    if (dead !== undefined) throw new Error(`${dead.spawnargs.join(' ')} ended with ${dead.exitCode}`)
    if (Date.now() > deadline) throw new Error('not ready after two minutes')
    await sleep(100)
  }
}

/** A port below the ephemeral range, so that no outgoing connection takes it between the test and the use. */
async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_000)
  return (await isFree(port)) ? port : freePort()
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

function newCredentials(): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    secretAccessKey: randomBytes(20).toString('hex'),
  }
}

async function createBucket(server: S3Access, name: string): Promise<void> {
  const { S3Client, CreateBucketCommand } = await import('@aws-sdk/client-s3')
  const { accessKeyId, secretAccessKey } = server
  const credentials = { accessKeyId, secretAccessKey }
  const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }))
  } finally {
    client.destroy()
  }
}
