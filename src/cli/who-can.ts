import { Command } from 'commander'
import { table } from '../server/inspect/family/table.ts'
import type { WhoCanPage } from '../server/inspect/who-can.ts'
import { askRunningServer } from './control-client.ts'
import { withManual } from './speech/manual.ts'
import { collectPair, collectText, dataOf, withSettings } from './options.ts'
import { outputOption, type Output } from './speech/output.ts'

interface Options {
  readonly action?: readonly string[]
  readonly principal?: readonly string[]
  readonly region?: readonly string[]
  readonly context?: Readonly<Record<string, string>>
  readonly all?: boolean
  readonly output: Output
}

/** `keyspan who-can KEY` */
export function whoCanCommand(): Command {
  const whoCan = withSettings(new Command('who-can'), ['data', 'config'])
    .description('Shows who may do what with a key and every key that is related to it, Region by Region.')
    .argument('<key>', 'the ARN of a key')
    .option('--action <action>', 'such as kms:Decrypt; all for every one; may be given again', collectText)
    .option('--principal <arn>', 'only these, * for any text; may be given again', collectText)
    .option('--region <region>', 'only this Region; may be given again', collectText)
    .option('--context <key=value>', 'a condition key that every request has; may be given again', collectPair)
    .option('--all', 'shows those as well who may do nothing')
    .addOption(outputOption('for people, or one JSON document a line'))
    .action(async (key: string, options: Options, command: Command) => {
      const data = dataOf(command)
      let unseen: readonly string[] = []
      const show = options.output === 'json' ? showJson : createTable(options.all === true)
      const { action: actions = [], principal: principals = [], region: regions = [], context = {} } = options
      let after: WhoCanPage['next'] = null
      do {
        const asked = { key, actions, principals, regions, context, after }
        const page = (await askRunningServer(data, '/who-can', asked)) as WhoCanPage
        show(page)
        after = page.next
        unseen = page.unseen
      } while (after !== null)
      // On standard error: what is said is of the other Regions alone.
      if (unseen.length > 0) {
        process.stderr.write(`Not looked at: ${unseen.join(', ')}, which another server serves. Ask there as well.\n`)
      }
    })
  return withManual(whoCan, {
    more: ['A cell says yes, no, or under which numbered condition; each condition is written out once.'],
    examples: [
      ['keyspan who-can KEY', 'Shows who may use and administer a key, given by its ARN, and its replicas.'],
      ['keyspan who-can KEY --action kms:Decrypt --region eu-west-1', 'Shows who may decrypt with it in Ireland.'],
      ["keyspan who-can KEY --action all --principal '*:role/*'", 'Shows what roles may do.'],
    ],
  })
}

function showJson({ rows }: WhoCanPage): void {
  for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
}

/** Shows pages as one table after the other; each condition is written out once, below the first that has it. */
function createTable(isAll: boolean): (page: WhoCanPage) => void {
  const conditions = new Map<string, number>()
  let hidden = 0
  return ({ regions, actions, rows, next }) => {
    const fresh: string[] = []
    const numberOf = (when: string): number => {
      const known = conditions.get(when)
      if (known !== undefined) return known
      conditions.set(when, conditions.size + 1)
      fresh.push(`${conditions.size}) if ${when}`)
      return conditions.size
    }
    const shown = rows.filter(
      ({ answers }) => isAll || answers.some(({ access }) => access === 'yes' || access === 'if'),
    )
    hidden += rows.length - shown.length
    const lines = shown.map(({ principal, answers }) => [
      principal,
      ...actions.map((action) =>
        cellOf(
          answers.filter((each) => each.action === action),
          numberOf,
        ),
      ),
    ])
    const order = regions.length > 1 ? ` in ${regions.join(', ')}` : ` in ${regions.join()}`
    if (lines.length > 0) {
      const heads = [`principal${order}`, ...actions.map((action) => action.replace(/^kms:/, ''))]
      process.stdout.write(`${[table([heads, ...lines]), ...fresh].join('\n')}\n\n`)
    }
    if (next === null && hidden > 0) {
      process.stdout.write(`${hidden} more may do none of this; --all shows them.\n`)
    } else if (next === null && lines.length === 0) process.stdout.write('Nobody is of that name.\n')
  }
}

/** The answers for one action: one word where it is the same in every Region, else one for each in their order. */
function cellOf(answers: WhoCanPage['rows'][number]['answers'], numberOf: (when: string) => number): string {
  const words = answers.map(({ access, when }) => {
    if (access === 'if') return `if ${numberOf(when ?? '')}`
    return access === 'none' ? '-' : access
  })
  return new Set(words).size === 1 ? (words[0] ?? '') : words.join(' / ')
}
