import { Command } from 'commander'
import { sentenceOf } from '../server/sentence.ts'
import { reasonOf } from '../server/system-errors.ts'
import { SETTINGS } from '../server/config/settings.ts'
import { asTyped } from './speech/as-typed.ts'
import { FAILED, helpCommand, list, section, statusOf, unify } from './speech/manual.ts'
import { goToUser } from './working-directory.ts'

/** The commands by their names, in the groups of the list of all: one file here for each, which is read when it is called. */
const COMMANDS: Readonly<Record<string, Readonly<Record<string, () => Promise<Command>>>>> = {
  'Serving:': {
    serve: async () => (await import('./serve/serve.ts')).serveCommand(),
    health: async () => (await import('./health.ts')).healthCommand(),
    env: async () => (await import('./shell/env.ts')).envCommand(),
    account: async () => (await import('./account.ts')).accountCommand(),
    user: async () => (await import('./user.ts')).userCommand(),
    console: async () => (await import('./console.ts')).consoleCommand(),
    unseal: async () => (await import('./unseal.ts')).unsealCommand(),
  },
  'Who may do what:': {
    explain: async () => (await import('./explain/explain.ts')).explainCommand(),
    'who-can': async () => (await import('./who-can.ts')).whoCanCommand(),
    policy: async () => (await import('./policy/policy.ts')).policyCommand(),
  },
  'Keys and what happened to them:': {
    key: async () => (await import('./key.ts')).keyCommand(),
    mrk: async () => (await import('./mrk.ts')).mrkCommand(),
    audit: async () => (await import('./audit/tail.ts')).auditCommand(),
    alarms: async () => (await import('./alarms.ts')).alarmsCommand(),
    cost: async () => (await import('./cost/cost.ts')).costCommand(),
  },
  'Operating:': {
    backup: async () => (await import('./backup.ts')).backupCommand(),
    restore: async () => (await import('./backup.ts')).restoreCommand(),
    keyring: async () => (await import('./keyring.ts')).keyringCommand(),
    storage: async () => (await import('./storage.ts')).storageCommand(),
    clock: async () => (await import('./clock.ts')).clockCommand(),
    region: async () => (await import('./region/region.ts')).regionCommand(),
    seed: async () => (await import('./seed.ts')).seedCommand(),
  },
}

/** The `keyspan` program with all of its commands; where `called` names one, with that one alone. */
export async function createProgram(version: string, called = ''): Promise<Command> {
  const program = new Command('keyspan')
    .version(version, '--version', 'which version this is')
    .description('A self-hosted key management service that speaks the AWS KMS wire protocol.')
    .addHelpText('after', allPagesText)
  const groups = Object.entries(COMMANDS)
  const isKnown = groups.some(([, commands]) => Object.hasOwn(commands, called))
  for (const [group, commands] of groups) {
    for (const [name, load] of Object.entries(commands)) {
      if (name === called || !isKnown) program.addCommand((await load()).helpGroup(group))
    }
  }
  return unify(isKnown ? program : await withHelp(program))
}

/** Adds what speaks of all the other commands. */
async function withHelp(program: Command): Promise<Command> {
  const { completionCommands } = await import('./shell/completion.ts')
  const [completion, hidden] = completionCommands(program)
  for (const command of [helpCommand(program), completion]) program.addCommand(command.helpGroup('Help:'))
  return program.addCommand(hidden, { hidden: true })
}

/** What holds for every command. */
function allPagesText(): string {
  const status = [
    '0  It was done, or the answer is yes.',
    '1  The answer is no: a request is refused, a policy is bad.',
    '2  It could not be done. Standard error says why.',
  ]
  const environment = SETTINGS.map(({ env, meaning }) => `${env}  ${meaning}.`)
  return [
    section('Exit status:', list(status)),
    section('Environment:', list([...environment, 'NO_COLOR  No colours. There are none but on a terminal.'])),
  ].join('')
}

/** The program and its file: what an empty command line has. */
const ARGV_ALONE = 2

function whatToType(version: string): string {
  return asTyped(`Keyspan ${version}: a self-hosted key management service that speaks the AWS KMS wire protocol.

  keyspan serve            starts the server
  eval "$(keyspan env)"    points the AWS CLI and SDKs of this shell to it
  keyspan help             lists every command
  keyspan help explain     is the page of one
`)
}

/** Runs a command line; what goes wrong is told in one sentence. Gives the exit status. */
export async function runProgram(argv: readonly string[], version: string): Promise<number> {
  try {
    goToUser(process.env)
    if (argv.length === ARGV_ALONE) process.stdout.write(whatToType(version))
    else await (await createProgram(version, argv[ARGV_ALONE])).parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    const status = statusOf(error)
    if (status !== null) return status
    process.stderr.write(`keyspan: ${asTyped(sentenceOf(error))}\n`)
    return FAILED
  }
}

/** A reader that goes away, as `head` does, ends a command and is no error. A server needs nobody who reads. */
export function endWithReader(error: NodeJS.ErrnoException, argv: readonly string[]): void {
  if (argv[2] === 'serve') return
  if (error.code !== 'EPIPE') process.stderr.write(`keyspan: The output cannot be written: ${reasonOf(error)}.\n`)
  process.exit(error.code === 'EPIPE' ? 0 : FAILED)
}
