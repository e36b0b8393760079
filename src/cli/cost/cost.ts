import { Command, InvalidArgumentError } from 'commander'
import { stringify } from 'yaml'
import { REQUEST_KINDS, type RegionUsage, type RequestKind, type Usage } from '../../server/inspect/usage.ts'
import { askRunningServer } from '../control-client.ts'
import { billsOf } from './bill.ts'
import { AWS_PRICES, readPrices, type PriceTable } from './prices.ts'
import { billText, LEFT_OUT } from './text.ts'
import { withManual } from '../speech/manual.ts'
import { dataOf, daysOption, withSettings } from '../options.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

interface Options {
  readonly days: number
  readonly keys?: number
  readonly rotations?: number
  readonly requests?: RegionUsage['requests']
  readonly prices?: string
  readonly showPrices?: boolean
  readonly output: Output
}

/** `keyspan cost` */
export function costCommand(): Command {
  const cost = withSettings(new Command('cost'), ['data', 'config'])
    .description('Says what the keys and requests of this server would cost at AWS, a month.')
    .addOption(daysOption())
    .option('--keys <number>', 'so many keys, each replica counted, in place of those that there are', parseCount)
    .option('--rotations <number>', 'how often each of --keys was rotated', parseCount)
    .option(
      '--requests <[kind=]number>',
      `so many requests a month, in place of those recorded; may be given again (kinds: ${REQUEST_KINDS.join(', ')})`,
      collectRequests,
    )
    .option('--prices <file>', 'a table of prices, YAML or JSON, in place of the one that is built in')
    .option('--show-prices', 'prints the table of prices, to be changed')
    .addOption(outputOption())
    .action(async (options: Options, command: Command) => {
      const prices = options.prices === undefined ? AWS_PRICES : readPrices(options.prices)
      if (options.showPrices === true) {
        answer(options.output, stringify(prices), prices)
        return
      }
      if (options.rotations !== undefined && options.keys === undefined) {
        throw new Error('--rotations is how often each of --keys was rotated: give both.')
      }
      const usage = await usageFor(options, prices, command)
      const bills = billsOf(usage, prices)
      const document = { days: usage.days, bills, prices, leftOut: LEFT_OUT }
      answer(options.output, `${billText(bills, prices)}\n`, document)
    })
  return withManual(cost, {
    more: ['What is given is not asked of the server: with --keys and --requests there need be none.'],
    examples: [
      ['keyspan cost', 'Counts the keys in each Region, and the requests of the last 7 days.'],
      [
        'keyspan cost --keys 3 --requests 2_000_000',
        'Three keys, such as one in three Regions, and two million requests.',
      ],
      ['keyspan cost --show-prices >prices.yaml', 'Writes the table of prices, to be changed and given to --prices.'],
    ],
  })
}

/** Days for which requests are given. */
const MONTH = 30

/** What is given, and what the server knows of all else. */
async function usageFor(options: Options, { region }: PriceTable, command: Command): Promise<Usage> {
  const { keys, rotations = 0, requests, days } = options
  const given: RegionUsage = {
    account: 'given',
    region,
    keys: keys === undefined ? {} : { [rotations]: keys },
    leaving: 0,
    managed: 0,
    requests: requests ?? {},
  }
  if (keys !== undefined && requests !== undefined) return { days: MONTH, regions: [given] }
  const known = (await askRunningServer(dataOf(command), '/usage', { days })) as Usage
  if (keys !== undefined) {
    const regions = known.regions.map((each) => ({ ...each, keys: {}, leaving: 0, managed: 0 }))
    return { days: known.days, regions: [given, ...regions] }
  }
  if (requests !== undefined) {
    return { days: MONTH, regions: [given, ...known.regions.map((each) => ({ ...each, requests: {} }))] }
  }
  return known
}

function parseCount(text: string): number {
  const count = Number(text.replaceAll('_', ''))
  if (text !== '' && Number.isSafeInteger(count) && count >= 0) return count
  throw new InvalidArgumentError('Give a number, such as 2000000.')
}

function collectRequests(text: string, others: RegionUsage['requests'] = {}): RegionUsage['requests'] {
  const [first = '', second] = text.split('=')
  const kind = REQUEST_KINDS.find((each) => each === (second === undefined ? 'standard' : first))
  if (kind === undefined) throw new InvalidArgumentError(`"${first}" is none of ${REQUEST_KINDS.join(', ')}.`)
  return { ...others, [kind satisfies RequestKind]: parseCount(second ?? first) }
}
