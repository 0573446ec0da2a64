import { connect, type ServerOptions } from './connect.ts'
import { formatMoment, plain, print, printJson, printTable } from './output.ts'
import { UserError } from './user-error.ts'

/** `driveway app create`: registers an app; its secret is shown this once. */
export async function createApp(name: string, options: ServerOptions & { json?: boolean }): Promise<void> {
  const { drive, close } = await connect(options)
  const { data } = await drive.createApp({ name })
  await close()
  if (options.json) return printJson(data)
  print(`App id      ${data.appId}`)
  print(`App secret  ${data.appSecret}`)
  print('Keep the secret now: it is not shown again.')
}

/** `driveway app list`. */
export async function listApps(options: ServerOptions & { json?: boolean }): Promise<void> {
  const { drive, close } = await connect(options)
  const { apps } = await drive.listApps()
  await close()
  if (options.json) return printJson(apps)
  printTable(
    ['NAME', 'SINCE', 'APP ID'],
    apps.map((app) => [app.name, formatMoment(app.createTime), app.appId]),
  )
}

/** `driveway app remove`: by app id, or by name when only one app has it. */
export async function removeApp(named: string, options: ServerOptions): Promise<void> {
  const { drive, close } = await connect(options)
  const { apps } = await drive.listApps()
  const found = apps.filter((app) => app.appId === named || app.name === named)
  const [app] = found
  if (!app) throw new UserError(`There is no app "${named}". See: driveway app list`)
  if (found.length > 1) throw new UserError(`${found.length} apps are called "${named}": give the app id instead.`)
  await drive.deleteApp({ appId: app.appId })
  await close()
  print(`${plain(app.name)} was removed; its signatures work no more.`)
}
