import { Command, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { checkPolicy, CHECKED_KINDS } from '../server/check-policy.ts'
import { type Output, OUTPUTS } from './options.ts'

interface Options {
  readonly kind: (typeof CHECKED_KINDS)[number]
  readonly key?: string
  readonly output: Output
}

/** `keyspan policy check FILE` */
export function policyCheckCommand(): Command {
  return new Command('check')
    .description(
      'Looks a policy through for what is wrong, weak or superfluous, as `aws accessanalyzer validate-policy` does. ' +
        'Exits with 1 where there is an ERROR or a SECURITY_WARNING, else with 0.',
    )
    .argument('<file>', 'a JSON document; - for standard input')
    .addOption(new Option('--kind <kind>', 'what it shall be').choices([...CHECKED_KINDS]).default('key'))
    .option('--key <arn>', 'of a key policy, the ARN of its key: then it is known whose account could change it')
    .addOption(
      new Option('--output <form>', 'for people, or as ValidatePolicy answers').choices([...OUTPUTS]).default('text'),
    )
    .action(async (file: string, { kind, key, output }: Options) => {
      const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
      const { findings, lines, isBad } = checkPolicy(text, kind, key)
      if (output === 'json') process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`)
      else if (lines.length === 0) process.stdout.write(`${file} is a good ${kind} policy.\n`)
      else process.stdout.write(lines.map((line) => `${file}:${line}\n`).join(''))
      process.exitCode = isBad ? 1 : 0
    })
}
