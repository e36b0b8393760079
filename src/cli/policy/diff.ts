import { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import type { Difference } from '../../server/inspect/policy-diff.ts'
import type { ReviewCursor, ReviewPage } from '../../server/inspect/policy-review.ts'
import type { Witnesses } from '../../server/inspect/policy-witnesses.ts'
import { askRunningServer } from '../control-client.ts'
import { withManual } from '../speech/manual.ts'
import { dataOf, daysOption, withSettings } from '../options.ts'
import { outputOption, type Output } from '../speech/output.ts'

interface Options {
  readonly inline?: string
  readonly days: number
  readonly output: Output
}

/** `keyspan policy diff TARGET FILE` */
export function policyDiffCommand(): Command {
  const diff = withSettings(new Command('diff'), ['data', 'config'])
    .description('Shows who would gain and who would lose what, before a policy is put.')
    .argument(
      '<target>',
      'the ARN of a key or managed policy, the id of an organization policy, or with --inline the ARN of a user, group or role',
    )
    .argument('<file>', 'the new policy; - for standard input')
    .option('--inline <name>', 'of a user, group or role, the inline policy of that name')
    .addOption(daysOption())
    .addOption(outputOption('for people, or one JSON document a line'))
    .action(async (target: string, file: string, options: Options, command: Command) => {
      const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
      const data = dataOf(command)
      const proposed = { target, inline: options.inline ?? null, text }
      let after: ReviewCursor = null
      let count = 0
      do {
        const page = (await askRunningServer(data, '/policy/differences', { ...proposed, after })) as ReviewPage
        for (const row of page.rows) print(options.output === 'json' ? JSON.stringify(row) : differenceText(row))
        count += page.rows.length
        after = page.next
      } while (after !== null)
      if (count === 0 && options.output === 'text') print('Nobody gains or loses anything.')
      const heard = (await askRunningServer(data, '/policy/witnesses', {
        ...proposed,
        days: options.days,
      })) as Witnesses
      if (options.output === 'json') print(JSON.stringify({ witnesses: heard }))
      else print(witnessText(heard, options.days))
    })
  return withManual(diff, {
    more: ['It looks back, too: which of the recorded calls would have been refused by the new policy.'],
    examples: [
      ['keyspan policy diff KEY policy.json', 'Compares a file with the policy of a key, given by its ARN.'],
      [
        'keyspan policy diff arn:aws:iam::111122223333:user/ada new.json --inline use',
        'Compares it with the inline policy use of the user ada.',
      ],
    ],
  })
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function differenceText({ principal, action, keys, regions, change, before, after }: Difference): string {
  const place = keys.length === 1 ? '' : keys.length === 0 ? ` in ${regions.join(', ')}` : ` on ${keys.length} keys`
  const when = {
    gains: conditionText(after.when),
    loses: conditionText(before.when),
    changes: `: until now ${whenText(before.when)}, then ${whenText(after.when)}`,
  }[change]
  return `${principal} ${change} ${action}${place}${when}`
}

function conditionText(when: string): string {
  return when === 'always' ? '' : ` if ${when}`
}

function whenText(when: string): string {
  return when === 'always' || when === 'never' ? when : `if ${when}`
}

function witnessText({ calls, refused, unclear }: Witnesses, days: number): string {
  const sum = refused.reduce((total, each) => total + each.calls, 0)
  const lines = refused.map(({ principal, action, resource, encryptionContext, calls, last }) => {
    const pairs = Object.entries(encryptionContext).map(([name, value]) => `${name}=${value}`)
    const context = pairs.length === 0 ? '' : ` with ${pairs.join(', ')}`
    return `  ${calls}  ${action} on ${resource} by ${principal}${context}, last ${new Date(last).toISOString()}`
  })
  const open = unclear === 0 ? '' : ` Of ${unclear} the records do not tell enough.`
  const head = `Of ${calls} recorded calls of the last ${days} days ${sum === 0 ? 'none' : sum} would have been refused`
  return ['', `${head}${sum === 0 ? '.' : ':'}`, ...lines, ...(open === '' ? [] : [open.trim()])].join('\n')
}
