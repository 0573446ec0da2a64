import { Command, CommanderError } from 'commander'
import { addCommands } from './commands.ts'
import { describeFailure, exitCodeOf } from './failure.ts'

async function main(): Promise<void> {
  // A closed pipe, as with `driveway ls | head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const program = addCommands(new Command('driveway'))
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2
      return
    }
    if (process.env['DRIVEWAY_DEBUG']) console.error(error)
    process.stderr.write(`driveway: ${describeFailure(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}

await main()
