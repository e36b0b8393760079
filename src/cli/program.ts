import { Command } from 'commander'
import { accountCommand } from './account.ts'
import { reasonOf } from '../server/system-errors.ts'
import { auditCommand } from './audit.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { clockCommand } from './clock.ts'
import { envCommand } from './env.ts'
import { explainCommand } from './explain.ts'
import { healthCommand } from './health.ts'
import { mrkCommand } from './mrk.ts'
import { policyCommand } from './policy.ts'
import { replicationCommand } from './replication.ts'
import { serveCommand } from './serve.ts'
import { userCommand } from './user.ts'
import { whoCanCommand } from './who-can.ts'
import { goToUser } from './working-directory.ts'

/** The `keyspan` program: one file here for each of its commands. */
export function createProgram(version: string): Command {
  return new Command('keyspan')
    .version(version, '--version', 'Says which version this is.')
    .description('A self-hosted key management service that speaks the AWS KMS wire protocol.')
    .addCommand(serveCommand())
    .addCommand(healthCommand())
    .addCommand(envCommand())
    .addCommand(accountCommand())
    .addCommand(userCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(clockCommand())
    .addCommand(replicationCommand())
    .addCommand(auditCommand())
    .addCommand(explainCommand())
    .addCommand(whoCanCommand())
    .addCommand(mrkCommand())
    .addCommand(policyCommand())
}

/** The program and its file: what an empty command line has. */
const ARGV_ALONE = 2

function whatToType(version: string): string {
  return `Keyspan ${version}: a self-hosted key management service that speaks the AWS KMS wire protocol.

  keyspan serve            starts the server
  eval "$(keyspan env)"    points the AWS CLI and SDKs of this shell to it
  keyspan --help           lists every command
`
}

/** Runs a command line; what goes wrong is told in one sentence. Gives the exit code. */
export async function runProgram(argv: readonly string[], version: string): Promise<number> {
  try {
    goToUser(process.env)
    const program = createProgram(version)
    if (argv.length === ARGV_ALONE) process.stdout.write(whatToType(version))
    else await program.parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    process.stderr.write(`keyspan: ${sentenceOf(error)}\n`)
    return 1
  }
}

/** A file that a command was given and cannot be used is told by its name and in words. */
function sentenceOf(error: unknown): string {
  const { syscall, path, message = String(error) } = error as Partial<NodeJS.ErrnoException>
  return syscall === undefined || path === undefined ? message : `${path} cannot be used: ${reasonOf(error)}.`
}
