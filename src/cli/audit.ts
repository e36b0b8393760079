import { Command } from 'commander'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { exportCommand } from './audit/export.ts'
import { proveCommand } from './audit/prove.ts'
import { verifyCommand } from './audit/verify.ts'
import { openAuditReader } from '../storage/audit/reader.ts'
import { withManual } from './speech/manual.ts'
import { dataOf, withSettings } from './options.ts'
import { outputOption, type Output } from './speech/output.ts'

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

interface Options {
  readonly lines: string
  readonly follow?: boolean
  readonly region?: string
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
    ["keyspan audit tail -n 1000 | jq 'select(.errorCode != null)'", 'Prints those of 1,000 that failed.'],
  ],
} as const

/** `keyspan audit tail` */
export function auditCommand(): Command {
  const tail = withSettings(new Command('tail'), ['data', 'config'])
    .description('Prints the last records of the audit log, the oldest first.')
    .option('-n, --lines <number>', 'how many', '20')
    .option('-f, --follow', 'goes on with what is recorded from now on')
    .option('--region <region>', 'only the records of one Region')
    .addOption(
      outputOption('a line of text for each, or the record in CloudTrail’s format, one a line').default('json'),
    )
    .action(async (options: Options, command: Command) => {
      const count = Number(options.lines)
      if (!Number.isInteger(count) || count < 0) throw new Error(`"${options.lines}" is not a number of lines.`)
      endWithReader()
      const reader = await openAuditReader(dataOf(command).audits, options.region ?? null)
      const lineOf = options.output === 'text' ? summaryOf : (record: string) => record
      await print(reader.last(count), lineOf)
      while (options.follow === true) {
        await setTimeout(POLL_MS)
        await print(reader.next(), lineOf)
      }
    })
  return new Command('audit')
    .description('Reads the audit log, and proves that nobody has rewritten it.')
    .addCommand(withManual(tail, MANUAL))
    .addCommand(verifyCommand())
    .addCommand(proveCommand())
    .addCommand(exportCommand())
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

/** A reader that goes away, as `head` does, ends the command and is no error. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}
