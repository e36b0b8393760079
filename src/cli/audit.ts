import { Command } from 'commander'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { readConfig } from '../server/config.ts'
import { dataDirectory } from '../server/data/data-directory.ts'
import { openAuditReader } from '../storage/audit/reader.ts'
import { settingsOf, withSettings } from './options.ts'

const POLL_MS = 250

/** `keyspan audit tail` */
export function auditCommand(): Command {
  const tail = withSettings(new Command('tail'), ['data', 'config'])
    .description('Prints the last records of the audit log, one JSON document a line, the oldest first.')
    .option('-n, --lines <number>', 'how many', '20')
    .option('-f, --follow', 'goes on with what is recorded from now on')
    .option('--region <region>', 'only the records of one Region')
    .action(async (options: { lines: string; follow?: boolean; region?: string }, command: Command) => {
      const count = Number(options.lines)
      if (!Number.isInteger(count) || count < 0) throw new Error(`"${options.lines}" is not a number of lines.`)
      endWithReader()
      const data = dataDirectory(readConfig(settingsOf(command), process.env).data)
      const reader = await openAuditReader(data.audits, options.region ?? null)
      await print(reader.last(count))
      while (options.follow === true) {
        await setTimeout(POLL_MS)
        await print(reader.next())
      }
    })
  return new Command('audit').description('Reads the audit log.').addCommand(tail)
}

/** Prints as fast as whoever reads takes it, and until they have read enough. */
async function print(records: AsyncIterable<string>): Promise<void> {
  for await (const record of records) {
    if (!process.stdout.write(`${record}\n`)) await once(process.stdout, 'drain')
  }
}

/** A reader that goes away, as `head` does, ends the command and is no error. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}
