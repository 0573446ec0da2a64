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
    // What a failed command left open, such as a half-started server, must not keep the program alive.
    process.stderr.write(`driveway: ${describeFailure(error)}\n`, () => process.exit(exitCodeOf(error)))
  }
}

await main()
