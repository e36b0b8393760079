import { Command } from 'commander'
import { policyCheckCommand } from './policy-check.ts'
import { policyDiffCommand } from './policy-diff.ts'
import { policySuggestCommand } from './policy-suggest.ts'

/** `keyspan policy check FILE`, and `diff` and `suggest` beside a server */
export function policyCommand(): Command {
  return new Command('policy')
    .description('Checks policies, compares them with what is in force, and suggests them.')
    .addCommand(policyCheckCommand())
    .addCommand(policyDiffCommand())
    .addCommand(policySuggestCommand())
}
