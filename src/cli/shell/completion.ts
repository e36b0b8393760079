import { Argument, Command, type Option } from 'commander'
import { COMMERCIAL_REGIONS } from '../../domain/region.ts'
import { readConfig } from '../../server/config/config.ts'
import { dataDirectory } from '../../server/data/data-directory.ts'
import { profileNames } from '../../server/data/profiles.ts'
import { withManual } from '../speech/manual.ts'

/** What each shell is told, once: to ask `keyspan complete` with the words up to the cursor, the last one unfinished. */
const SCRIPTS = {
  bash: `_keyspan() {
  local IFS=$'\\n' words
  words=$(keyspan complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _keyspan keyspan
`,
  zsh: `_keyspan() {
  local -a candidates
  candidates=(\${(f)"$(keyspan complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null | sed $'s/:/\\\\\\\\:/g; s/\\t/:/')"})
  if (( $#candidates )); then _describe keyspan candidates; else _files; fi
}
compdef _keyspan keyspan
`,
  fish: `function __keyspan
  keyspan complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c keyspan -f -n 'test -n "$(__keyspan)"' -a '(__keyspan)'
complete -c keyspan -F -n 'test -z "$(__keyspan)"'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName keyspan -ScriptBlock {
  param($word, $line)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($word -eq '') { $words += '' }
  keyspan complete -- @words | ForEach-Object {
    $value, $meaning = $_ -split "\`t"
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $meaning)
  }
}
`,
} as const

type Shell = keyof typeof SCRIPTS

/** `keyspan completion SHELL`, and `keyspan complete`, which the shell asks at each press of Tab. */
export function completionCommands(program: Command): readonly [Command, Command] {
  const script = new Command('completion')
    .description('Prints what makes a shell complete the commands and options of keyspan.')
    .addArgument(new Argument('<shell>', 'whose').choices(Object.keys(SCRIPTS)))
    .action((shell: Shell) => void process.stdout.write(SCRIPTS[shell]))
  const complete = new Command('complete').argument('[words...]').action(async (words: readonly string[]) => {
    const lines = (await candidates(program, words)).map(([value, meaning]) => `${value}\t${meaning}\n`)
    process.stdout.write(lines.join(''))
  })
  return [withManual(script, MANUAL), complete]
}

type Candidate = readonly [value: string, meaning: string]

/** What the last of these words can become. */
async function candidates(program: Command, words: readonly string[]): Promise<readonly Candidate[]> {
  const last = words.at(-1) ?? ''
  let command = program
  let open: Option | null = null
  for (const word of words.slice(0, -1)) {
    if (open !== null) open = null
    else if (word.startsWith('-'))
      open = command.options.find((each) => [each.long, each.short].includes(word) && !each.isBoolean()) ?? null
    // `keyspan help` takes what it is asked about as they are typed.
    else if (word !== 'help') command = command.commands.find((each) => each.name() === word) ?? command
  }
  const found = open === null ? wordsOf(command, last) : await valuesOf(open)
  return found.filter(([value]) => value.startsWith(last))
}

/** The options of a command, or what can stand in their place. */
function wordsOf(command: Command, last: string): readonly Candidate[] {
  const help = command.createHelp()
  if (last.startsWith('-')) {
    return help.visibleOptions(command).map(({ long, short, description }) => [long ?? short ?? '', description])
  }
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices)
  const below = help.visibleCommands(command).map((each): Candidate => [each.name(), each.description()])
  return [...below, ...choices.map((choice): Candidate => [choice, ''])]
}

async function valuesOf({ argChoices, long, description }: Option): Promise<readonly Candidate[]> {
  const values = argChoices ?? (await knownValues(long ?? ''))
  return values.map((value) => [value, description])
}

/** Nothing where it is not known what can be: the shell offers files then. */
async function knownValues(option: string): Promise<readonly string[]> {
  if (/^--(?:\w+-)?regions?$/.test(option)) return COMMERCIAL_REGIONS
  if (option !== '--profile') return []
  return profileNames(dataDirectory(readConfig({}, process.env).data, null))
}

const MANUAL = {
  examples: [
    ['source <(keyspan completion bash)', 'Completes in this bash; in ~/.bashrc, in each.'],
    ['source <(keyspan completion zsh)', 'The same for zsh, after compinit.'],
    ['keyspan completion fish > ~/.config/fish/completions/keyspan.fish', 'For fish, from the next one on.'],
    ['keyspan completion powershell | Out-String | Invoke-Expression', 'For PowerShell.'],
  ],
} as const
