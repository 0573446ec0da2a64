import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'

// Everything a command needs is loaded when it runs, so that help and errors come at once.

const examples = `
Examples:
  $ driveway share ./some-folder                 upload a folder and print its link
  $ driveway share report.pdf --code --days 3    a link with an access code, for three days
  $ driveway get https://drive.example.com/s/h2Rk0nGd8VbqT5yLw3XsMp -o downloads
  $ driveway put photos --to /Team/2026          bring a folder to the drive; run again to go on
  $ driveway import people.csv --preview         what an import would do

Environment:
  DRIVEWAY_SERVER                        address of the server, as --server
  DRIVEWAY_ACCOUNT, DRIVEWAY_PASSWORD    sign in for one run, in scripts
  DRIVEWAY_TOKEN                         an access token instead
  DRIVEWAY_DEBUG                         show where an error came from

Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted.`

/** Describes every command of the program. */
export function addCommands(program: Command): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  program
    .description('A self-hosted drive whose links you can trust.')
    .version(version)
    .addHelpText('after', examples)
    .showHelpAfterError('(driveway --help lists the commands)')
    .configureHelp({ sortOptions: true })
    .exitOverride()
  addServe(program)
  addSession(program)
  addFiles(program)
  addSharing(program)
  addPeople(program)
  addApps(program)
  return program
}

function withServer(command: Command): Command {
  return command.option('--server <url>', 'address of the server')
}

function withJson(command: Command): Command {
  return withServer(command).option('--json', 'answer in JSON, for scripts')
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the server (DRIVEWAY_PORT, DRIVEWAY_DATA, …)')
    .action(async () => (await import('../../server/src/main.ts')).serve())
}

function addSession(program: Command): void {
  withServer(program.command('login'))
    .description('sign in and stay signed in')
    .option('--account <name>', 'account')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (options: object) => (await import('./session.ts')).login(options))
  program
    .command('logout')
    .description('sign out')
    .action(async () => (await import('./session.ts')).logout())
  withJson(program.command('whoami'))
    .description('show who is signed in, and where')
    .action(async (options: object) => (await import('./session.ts')).whoami(options))
}

function addFiles(program: Command): void {
  withJson(program.command('put'))
    .description('bring files and folders to the drive')
    .argument('<paths...>', 'files and folders of this machine')
    .option('--to <folder>', 'folder on the drive; made when it is missing', '/')
    .action(async (paths: string[], options: object) => (await import('./put.ts')).put(paths, options))
  withJson(program.command('ls'))
    .description('list a folder of the drive')
    .argument('[path]', 'folder or file on the drive', '/')
    .action(async (path: string, options: object) => (await import('./ls.ts')).ls(path, options))
}

function addSharing(program: Command): void {
  withJson(program.command('share'))
    .description('make a link to files and folders, of this machine or of the drive')
    .argument('<paths...>', 'here if they exist here, otherwise on the drive; drive:/path is always the drive')
    .option('--days <number>', 'days the link lives, 1 to 365', '7')
    .option('--code [code]', 'ask visitors for an access code; made when none is given')
    .addOption(new Option('--scope <who>', 'who may open it').choices(['anyone', 'enterprise', 'chosen']))
    .option('--to <names...>', 'receivers: names of people, dept:Sales/North, group:Reviewers')
    .option('--no-download', 'let visitors look but not download')
    .option('--comment <text>', 'message to the receivers')
    .action(async (paths: string[], options: { days: string; download: boolean }) =>
      (await import('./share.ts')).share(paths, options),
    )
  program
    .command('get')
    .description('download everything behind a link')
    .argument('<link>', 'the address of the link')
    .option('-o, --output <folder>', 'where to', '.')
    .option('--code <code>', 'access code')
    .option('--force', 'replace files that differ')
    .option('--json', 'answer in JSON, for scripts')
    .action(async (link: string, options: object) => (await import('./get.ts')).get(link, options))
}

function addPeople(program: Command): void {
  const user = program.command('user').description('people (for administrators)')
  withJson(user.command('add'))
    .description('add a person with a personal space')
    .argument('<account>')
    .option('--name <name>', 'name; the account when absent')
    .option('--dept <path>', 'department, such as Sales/North')
    .addOption(new Option('--role <role>', 'role').choices(['member', 'department-admin', 'admin']))
    .option('--mobile <number>', 'mobile number')
    .option('--email <address>', 'e-mail')
    .option('--password-stdin', 'read the password from standard input; one is made otherwise')
    .action(async (account: string, options: object) => (await import('./users.ts')).addUser(account, options))
  withJson(user.command('list'))
    .description('list people')
    .argument('[word]', 'start of the account, or part of the name')
    .action(async (word: string | undefined, options: object) => (await import('./users.ts')).listUsers(word, options))
  for (const verb of ['disable', 'enable'] as const) {
    withServer(user.command(verb))
      .description(verb === 'disable' ? 'lock people out, at once' : 'let people in again')
      .argument('<accounts...>')
      .action(async (accounts: string[], options: object) =>
        (await import('./users.ts')).setEnabled(accounts, verb === 'enable', options),
      )
  }
  withServer(user.command('move'))
    .description('move a person to another department')
    .argument('<account>')
    .argument('<department>', 'such as Sales/North')
    .action(async (account: string, department: string, options: object) =>
      (await import('./users.ts')).moveUser(account, department, options),
    )
  withJson(user.command('reset'))
    .description('give a person a new password')
    .argument('<account>')
    .option('--password-stdin', 'read the password from standard input; one is made otherwise')
    .action(async (account: string, options: object) => (await import('./users.ts')).resetPassword(account, options))
  addOrganisation(program)
}

function addOrganisation(program: Command): void {
  withJson(program.command('import'))
    .description('import people and departments from a table (for administrators)')
    .argument('<file.csv>', 'columns: account,name,password,department,role,mobile,email')
    .option('--preview', 'only say what would happen')
    .action(async (file: string, options: object) => (await import('./import.ts')).importPeople(file, options))
  const dept = program.command('dept').description('departments')
  withJson(dept.command('list'))
    .description('show the tree of departments')
    .action(async (options: object) => (await import('./departments.ts')).listDepartments(options))
  withServer(dept.command('add'))
    .description('add a department (for administrators)')
    .argument('<path>', 'such as Sales/North; missing ones above are made too')
    .action(async (path: string, options: object) => (await import('./departments.ts')).addDepartment(path, options))
}

function addApps(program: Command): void {
  const app = program.command('app').description('apps that sign their calls (for administrators)')
  withJson(app.command('create'))
    .description('register an app and show its secret, once')
    .argument('<name>')
    .action(async (name: string, options: object) => (await import('./apps.ts')).createApp(name, options))
  withJson(app.command('list'))
    .description('list apps')
    .action(async (options: object) => (await import('./apps.ts')).listApps(options))
  withServer(app.command('remove'))
    .description('remove an app; its signatures stop working at once')
    .argument('<app>', 'app id or name')
    .action(async (name: string, options: object) => (await import('./apps.ts')).removeApp(name, options))
}
