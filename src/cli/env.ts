import { Command, Option } from 'commander'
import { FIRST_ACCOUNT } from '../server/data/accounts.ts'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { profileNames, profileOf } from '../server/data/profiles.ts'
import { clientEnvironment, inTheWay } from './client-environment.ts'
import { settingsOf, withSettings } from './options.ts'
import { shellLines, SHELLS, usualShell, type Shell } from './shell.ts'

const HOW_TO_USE = `
How each shell takes what is printed:
  sh, bash, zsh   eval "$(keyspan env)"
  fish            keyspan env --shell fish | source
  PowerShell      keyspan env --shell powershell | Out-String | Invoke-Expression
  cmd             for /f "delims=" %i in ('keyspan env --shell cmd') do %i`

/** `keyspan env` */
export function envCommand(): Command {
  return withSettings(new Command('env'), ['data', 'config'])
    .description('Prints what points the AWS CLI and SDKs of a shell to this server, and nowhere else.')
    .option('--profile <name>', 'whose profile', profileOf(FIRST_ACCOUNT))
    .addOption(new Option('--shell <name>', 'in whose language').choices(SHELLS).default(usualShell(process.platform)))
    .addHelpText('after', HOW_TO_USE)
    .action(async ({ profile, shell }: { profile: string; shell: Shell }, command: Command) => {
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      const names = await profileNames(data)
      if (!names.includes(profile)) {
        throw new Error(
          names.length === 0
            ? `${data.path} has no profiles. Start a server on it with keyspan serve, or give --data.`
            : `"${profile}" is no profile of ${data.path}. There are ${names.join(', ')}.`,
        )
      }
      const obstacles = inTheWay(process.env)
      process.stdout.write(`${shellLines(shell, clientEnvironment(data, profile), obstacles).join('\n')}\n`)
      if (obstacles.length > 0)
        process.stderr.write(`keyspan: Taken away, for they win over a profile: ${obstacles.join(', ')}.\n`)
    })
}
