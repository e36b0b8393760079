import { Command } from 'commander'
import { pino } from 'pino'
import { FIRST_ACCOUNT } from '../server/accounts.ts'
import { readConfig, SETTINGS } from '../server/config.ts'
import { profileOf } from '../server/profiles.ts'
import { startServer, type Server } from '../server/start.ts'
import { harden } from './harden.ts'
import { settingsOf, withSettings } from './options.ts'

/** `keyspan serve` */
export function serveCommand(): Command {
  const names = SETTINGS.map((setting) => setting.name)
  return withSettings(new Command('serve'), names)
    .description('Starts the server.')
    .action(async (_options: unknown, command: Command) => {
      const config = readConfig(settingsOf(command), process.env)
      harden(config.dev)
      // The log goes to standard error, so that standard output is what a person or a script reads.
      const log = pino({ level: process.env['KEYSPAN_LOG'] ?? 'warn' }, pino.destination(2))
      const server = await startServer(config, log)
      process.stdout.write(welcomeText(server, config.regions))
      stopOnSignal(server)
    })
}

function welcomeText({ url, data, notice }: Server, regions: readonly string[] | null): string {
  const profile = profileOf(FIRST_ACCOUNT)
  const where = regions === null ? 'every Region' : regions.join(', ')
  return `Keyspan is ready at ${url} for ${where}. Its data is in ${data.path}.

  export AWS_SHARED_CREDENTIALS_FILE=${data.credentials} AWS_CONFIG_FILE=${data.config}
  aws --profile ${profile} kms create-key --multi-region
${notice === null ? '' : `\n  ATTENTION: ${notice}\n`}
`
}

/** The first signal lets what is under way finish; the second does not wait. */
function stopOnSignal(server: Server): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void server.stop()
    })
  }
}
