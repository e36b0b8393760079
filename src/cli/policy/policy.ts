import { Command } from 'commander'
import { policyCheckCommand } from './check.ts'
import { policyDiffCommand } from './diff.ts'
import { policySuggestCommand } from './suggest.ts'

/** `keyspan policy check FILE`, and `diff` and `suggest` beside a server */
export function policyCommand(): Command {
  return new Command('policy')
    .description('Checks policies, compares them with what is in force, and suggests them.')
    .addCommand(policyCheckCommand())
    .addCommand(policyDiffCommand())
    .addCommand(policySuggestCommand())
}
