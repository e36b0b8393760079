import { Command, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { policyDiffCommand } from './policy-diff.ts'
import { policySuggestCommand } from './policy-suggest.ts'
import { checkPolicy, CHECKED_KINDS } from '../server/check-policy.ts'

/** `keyspan policy check FILE`, and `diff` and `suggest` beside a server */
export function policyCommand(): Command {
  const check = new Command('check')
    .description('Says whether a policy can be read, and where it cannot.')
    .argument('<file>', 'a JSON document; - for standard input')
    .addOption(new Option('--kind <kind>', 'what it shall be').choices([...CHECKED_KINDS]).default('key'))
    .action(async (file: string, options: { kind: (typeof CHECKED_KINDS)[number] }) => {
      const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
      const complaints = checkPolicy(text, options.kind)
      if (complaints.length === 0) {
        process.stdout.write(`${file} is a good ${options.kind} policy.\n`)
        return
      }
      process.stdout.write(complaints.map((complaint) => `${file}:${complaint}\n`).join(''))
      process.exitCode = 1
    })
  return new Command('policy')
    .description('Checks policies, compares them with what is in force, and suggests them.')
    .addCommand(check)
    .addCommand(policyDiffCommand())
    .addCommand(policySuggestCommand())
}
