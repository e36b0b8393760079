import { Command } from 'commander'
import { accountCommand } from './account.ts'
import { sentenceOf } from '../server/sentence.ts'
import { reasonOf } from '../server/system-errors.ts'
import { SETTINGS } from '../server/config/settings.ts'
import { asTyped } from './speech/as-typed.ts'
import { alarmsCommand } from './alarms.ts'
import { auditCommand } from './audit/tail.ts'
import { consoleCommand } from './console.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { clockCommand } from './clock.ts'
import { completionCommands } from './shell/completion.ts'
import { costCommand } from './cost/cost.ts'
import { envCommand } from './shell/env.ts'
import { explainCommand } from './explain/explain.ts'
import { healthCommand } from './health.ts'
import { FAILED, helpCommand, list, section, statusOf, unify } from './speech/manual.ts'
import { keyCommand } from './key.ts'
import { keyringCommand } from './keyring.ts'
import { storageCommand } from './storage.ts'
import { mrkCommand } from './mrk.ts'
import { policyCommand } from './policy/policy.ts'
import { regionCommand } from './region/region.ts'
import { seedCommand } from './seed.ts'
import { serveCommand } from './serve/serve.ts'
import { unsealCommand } from './unseal.ts'
import { userCommand } from './user.ts'
import { whoCanCommand } from './who-can.ts'
import { goToUser } from './working-directory.ts'

/** The `keyspan` program: one file here for each of its commands. */
export function createProgram(version: string): Command {
  const program = new Command('keyspan')
    .version(version, '--version', 'which version this is')
    .description('A self-hosted key management service that speaks the AWS KMS wire protocol.')
    .addHelpText('after', allPagesText)
  add(program, 'Serving:', [
    serveCommand(),
    healthCommand(),
    envCommand(),
    accountCommand(),
    userCommand(),
    consoleCommand(),
    unsealCommand(),
  ])
  add(program, 'Who may do what:', [explainCommand(), whoCanCommand(), policyCommand()])
  add(program, 'Keys and what happened to them:', [
    keyCommand(),
    mrkCommand(),
    auditCommand(),
    alarmsCommand(),
    costCommand(),
  ])
  add(program, 'Operating:', [
    backupCommand(),
    restoreCommand(),
    keyringCommand(),
    storageCommand(),
    clockCommand(),
    regionCommand(),
    seedCommand(),
  ])
  const [completion, hidden] = completionCommands(program)
  add(program, 'Help:', [helpCommand(program), completion])
  return unify(program.addCommand(hidden, { hidden: true }))
}

function add(program: Command, group: string, commands: readonly Command[]): void {
  for (const command of commands) program.addCommand(command.helpGroup(group))
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
    const program = createProgram(version)
    if (argv.length === ARGV_ALONE) process.stdout.write(whatToType(version))
    else await program.parseAsync([...argv])
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
