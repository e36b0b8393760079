import { Argument, Command } from 'commander'
import { COMMERCIAL_REGIONS } from '../domain/region.ts'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { profileNames } from '../server/data/profiles.ts'
import { withManual } from './manual.ts'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

/** `keyspan completion SHELL`, and `keyspan complete`, which the shell asks at each press of Tab. */
export function completionCommands(create: () => Command): readonly [Command, Command] {
  // It is read only when it is asked for: every other command starts without it.
  const tab = async () => {
    const { default: complete } = await import('@bomb.sh/tab/commander')
    const root = complete(create(), { completionCommandName: 'completion' })
    const values = await knownValues()
    for (const { options } of root.commands.values()) {
      for (const [name, known] of values) {
        const option = options.get(name)
        if (option !== undefined) option.handler = (offer) => known.forEach((value) => offer(value, ''))
      }
    }
    return root
  }
  const script = new Command('completion')
    .description('Prints what makes a shell complete the commands and options of keyspan.')
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .action(async (shell: string) => (await tab()).setup('keyspan', 'keyspan', shell))
  const candidates = new Command('complete')
    .argument('[words...]')
    .action(async (words: readonly string[]) => (await tab()).parse([...words]))
  return [withManual(script, MANUAL), candidates]
}

/** The values that some options have, by their names. */
async function knownValues(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { data } = readConfig({}, process.env)
  const profiles = await profileNames(dataDirectory(data, null)).catch(() => [])
  const regions = ['region', 'replica-region', 'primary-region'] as const
  return new Map([['profile', profiles], ...regions.map((name) => [name, COMMERCIAL_REGIONS] as const)])
}

const MANUAL = {
  more: ['In bash it needs the package bash-completion.'],
  examples: [
    ['source <(keyspan completion bash)', 'Completes in this bash. In ~/.bashrc it does so in each.'],
    ['source <(keyspan completion zsh)', 'The same for zsh, and ~/.zshrc.'],
    ['keyspan completion fish > ~/.config/fish/completions/keyspan.fish', 'For fish, from the next one on.'],
    ['keyspan completion powershell | Out-String | Invoke-Expression', 'For PowerShell; its $PROFILE keeps it.'],
  ],
} as const
