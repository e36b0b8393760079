import { Command } from 'commander'
import { accountCommand } from './account.ts'
import { auditCommand } from './audit.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { clockCommand } from './clock.ts'
import { explainCommand } from './explain.ts'
import { mrkCommand } from './mrk.ts'
import { policyCommand } from './policy.ts'
import { replicationCommand } from './replication.ts'
import { serveCommand } from './serve.ts'
import { whoCanCommand } from './who-can.ts'

/** The `keyspan` program: one file here for each of its commands. */
export function createProgram(): Command {
  return new Command('keyspan')
    .description('A self-hosted key management service that speaks the AWS KMS wire protocol.')
    .addCommand(serveCommand())
    .addCommand(accountCommand())
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

/** Runs a command line; what goes wrong is told in one sentence. Gives the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    process.stderr.write(`keyspan: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}
