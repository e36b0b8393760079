import { Command, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { checkPolicy, CHECKED_KINDS } from '../../server/check-policy.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

interface Options {
  readonly kind: (typeof CHECKED_KINDS)[number]
  readonly key?: string
  readonly output: Output
}

/** `keyspan policy check FILE` */
export function policyCheckCommand(): Command {
  const check = new Command('check')
    .description(
      'Looks a policy through for what is wrong, weak or superfluous, as `aws accessanalyzer validate-policy` does.',
    )
    .argument('<file>', 'a JSON document; - for standard input')
    .addOption(new Option('--kind <kind>', 'what it shall be').choices([...CHECKED_KINDS]).default('key'))
    .option('--key <arn>', 'of a key policy, the ARN of its key: then it is known whose account could change it')
    .addOption(outputOption('for people, or as ValidatePolicy answers'))
    .action(async (file: string, { kind, key, output }: Options) => {
      const policy = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
      const { findings, lines, isBad } = checkPolicy(policy, kind, key)
      const text = lines.length === 0 ? `${file} is a good ${kind} policy.\n` : lines.map((each) => `${file}:${each}\n`)
      answer(output, [text].flat().join(''), { findings })
      process.exitCode = isBad ? 1 : 0
    })
  return withManual(check, {
    examples: [
      ['keyspan policy check policy.json', 'Looks at a key policy.'],
      ['keyspan policy check - --kind identity <policy.json', 'Looks at a policy of a user, group or role.'],
    ],
    status: ['There is no ERROR and no SECURITY_WARNING.', 'There is one.'],
  })
}
