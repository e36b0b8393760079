import { Command } from 'commander'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { openAuditReader } from '../../storage/audit/reader.ts'
import { withManual } from '../speech/manual.ts'
import { dataOf, withSettings } from '../options.ts'
import { outputOption, type Output } from '../speech/output.ts'
import { exportCommand } from './export.ts'
import { lastRecords, wantedOf } from './last-records.ts'
import { pruneCommand } from './prune.ts'
import { proveCommand } from './prove.ts'
import { createFilter, parseMoment } from './record-filter.ts'
import { verifyCommand } from './verify.ts'

const POLL_MS = 250

const recordShape = z.object({
  eventTime: z.string(),
  awsRegion: z.string(),
  eventSource: z.string(),
  eventName: z.string(),
  resources: z.array(z.object({ ARN: z.string() })).default([]),
  userIdentity: z.object({ arn: z.string().optional(), invokedBy: z.string().optional() }),
  errorCode: z.string().optional(),
})

/** How many records are printed, unless it is said otherwise. */
const LINES = 20

interface Options {
  readonly lines?: string
  readonly follow?: boolean
  readonly region?: string
  readonly key?: string
  readonly principal?: string
  readonly operation?: readonly string[]
  readonly refused?: boolean
  readonly since?: string
  readonly output: Output
}

const MANUAL = {
  more: [
    'The files are read, not the server: it need not run. A record that the server holds back for less than a second is ' +
      'not among them yet.',
  ],
  examples: [
    ['keyspan audit tail -n 5', 'Prints the last five records, as CloudTrail would have them.'],
    ['keyspan audit tail --follow --output text', 'Prints a line for each request, as it is made.'],
    ['keyspan audit tail --refused --since 1h --output text', 'Prints what was refused in the last hour.'],
    [
      'keyspan audit tail --key alias/app --operation PutKeyPolicy ScheduleKeyDeletion',
      'Prints the last changes that were asked for by an alias.',
    ],
  ],
} as const

/** `keyspan audit tail` */
export function auditCommand(): Command {
  const tail = withSettings(new Command('tail'), ['data', 'config'])
    .description('Prints the last records of the audit log, the oldest first.')
    .option('-n, --lines <number>', `how many (default: ${LINES}; with --since, all)`)
    .option('-f, --follow', 'goes on with what is recorded from now on')
    .option('--region <region>', 'only the records of one Region')
    .option('--key <key>', 'only those about a key: its id or ARN, or an alias that was asked for')
    .option('--principal <principal>', 'only those of a user, a role with its sessions, or root: its ARN or name')
    .option('--operation <name...>', 'only those of operations, such as Decrypt or iam:CreateUser')
    .option('--refused', 'only those of requests that have failed')
    .option('--since <moment>', 'only those since a time, such as 2026-11-25T12:00:00Z, or for so long: 30m, 12h, 7d')
    .addOption(
      outputOption('a line of text for each, or the record in CloudTrail’s format, one a line').default('json'),
    )
    .action(async (options: Options, command: Command) => {
      const since = options.since === undefined ? undefined : parseMoment(options.since, Date.now())
      const count = countOf(options.lines, since)
      const isWanted = createFilter({ ...options, since })
      const reader = await openAuditReader(dataOf(command).audits, options.region ?? null)
      const lineOf = options.output === 'text' ? summaryOf : (record: string) => record
      await print(lastRecords(reader, count, isWanted, since ?? Number.NEGATIVE_INFINITY), lineOf)
      while (options.follow === true) {
        await setTimeout(POLL_MS)
        await print(wantedOf(reader.next(), isWanted), lineOf)
      }
    })
  return new Command('audit')
    .description('Reads the audit log, and proves that nobody has rewritten it.')
    .addCommand(withManual(tail, MANUAL))
    .addCommand(verifyCommand())
    .addCommand(proveCommand())
    .addCommand(exportCommand())
    .addCommand(pruneCommand())
}

/** Null for all. */
function countOf(lines: string | undefined, since: number | undefined): number | null {
  if (lines === undefined) return since === undefined ? LINES : null
  const count = Number(lines)
  if (!Number.isInteger(count) || count < 0) throw new Error(`"${lines}" is not a number of lines.`)
  return count
}

/** A record in one line: when, where, what, on what, by whom, and how it ended. */
function summaryOf(record: string): string {
  const { eventTime, awsRegion, eventSource, eventName, resources, userIdentity, errorCode } = recordShape.parse(
    JSON.parse(record),
  )
  const service = eventSource.replace(/\.amazonaws\.com$/, '')
  const on = resources.map(({ ARN }) => ` on ${ARN}`).join('')
  const by = userIdentity.arn ?? userIdentity.invokedBy ?? 'nobody known'
  return `${eventTime} ${awsRegion} ${service}:${eventName}${on} by ${by}: ${errorCode ?? 'done'}`
}

/** Prints as fast as whoever reads takes it, and until they have read enough. */
async function print(records: AsyncIterable<string>, lineOf: (record: string) => string): Promise<void> {
  for await (const record of records) {
    if (!process.stdout.write(`${lineOf(record)}\n`)) await once(process.stdout, 'drain')
  }
}
