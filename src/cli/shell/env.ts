import { Command, Option } from 'commander'
import { FIRST_ACCOUNT } from '../../server/data/accounts.ts'
import { profileOf } from '../../server/data/profiles.ts'
import { clientEnvironment, inTheWay } from './client-environment.ts'
import { withManual } from '../speech/manual.ts'
import { dataOf, withSettings } from '../options.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'
import { readProfile } from './profile.ts'
import { shellLines, SHELLS, usualShell, type Shell } from './shell.ts'

const MANUAL = {
  more: [
    'It sets AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE and AWS_PROFILE, and takes away what would win over a ' +
      'profile, such as AWS_ACCESS_KEY_ID or AWS_REGION: without that a client could talk to the real AWS. Where there ' +
      'is a proxy, it is passed by.',
  ],
  examples: [
    ['eval "$(keyspan env)"', 'In sh, bash and zsh.'],
    ['keyspan env --shell fish | source', 'In fish.'],
    ['keyspan env --shell powershell | Out-String | Invoke-Expression', 'In PowerShell.'],
    [`for /f "delims=" %i in ('keyspan env --shell cmd') do %i`, 'In cmd.'],
    ['eval "$(keyspan env --profile ada)"', 'As the user ada, whom keyspan user create ada has made.'],
  ],
} as const

interface Options {
  readonly profile: string
  readonly shell: Shell
  readonly output: Output
}

/** `keyspan env` */
export function envCommand(): Command {
  const env = withSettings(new Command('env'), ['data', 'config'])
    .description('Prints what points the AWS CLI and SDKs of a shell to this server, and nowhere else.')
    .option('--profile <name>', 'whose profile', profileOf(FIRST_ACCOUNT))
    .addOption(new Option('--shell <name>', 'in whose language').choices(SHELLS).default(usualShell(process.platform)))
    .addOption(outputOption())
    .action(async ({ profile, shell, output }: Options, command: Command) => {
      const data = dataOf(command)
      const { url } = await readProfile(data, profile)
      const obstacles = inTheWay(process.env)
      const set = clientEnvironment(data, profile, url, process.env)
      answer(output, `${shellLines(shell, set, obstacles).join('\n')}\n`, { set, unset: obstacles })
      if (obstacles.length > 0)
        process.stderr.write(`keyspan: Taken away, for they win over a profile: ${obstacles.join(', ')}.\n`)
    })
  return withManual(env, MANUAL)
}
