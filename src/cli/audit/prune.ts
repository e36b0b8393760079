import { Command } from 'commander'
import { z } from 'zod'
import { byteSize } from '../../domain/text/byte-size.ts'
import { askRunningServer } from '../control-client.ts'
import { dataOf, withSettings } from '../options.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const done = z.object({
  compressed: z.array(z.object({ path: z.string(), before: z.number(), after: z.number() })),
  failed: z.array(z.object({ path: z.string(), reason: z.string() })),
  deleted: z.array(z.object({ place: z.string(), before: z.string(), records: z.number() })),
  bytes: z.number(),
  oldest: z.string().nullable(),
})

/** `keyspan audit prune` */
export function pruneCommand(): Command {
  const prune = withSettings(new Command('prune'), ['data', 'config'])
    .description('Compresses the audit log and deletes what is older than its limits, now.')
    .option('--before <day>', 'delete the records of every day before this one as well, such as 2026-11-01')
    .addOption(outputOption())
    .action(async ({ before, output }: { before?: string; output: Output }, command: Command) => {
      if (before !== undefined && !z.iso.date().safeParse(before).success) {
        throw new Error(`"${before}" from --before is no day, such as 2026-11-01.`)
      }
      const asked = { before: before ?? null }
      const report = done.parse(await askRunningServer(dataOf(command), '/audit/prune', asked))
      answer(output, textOf(report), report)
    })
  return withManual(prune, {
    more: [
      'A server does the same by itself, every few minutes: it compresses the files of the days before yesterday, and ' +
        'deletes what --audit-keep and --audit-size of keyspan serve say. This command compresses every file but the one ' +
        'that is written to.',
      'What is deleted stays in the Merkle tree, and a signed checkpoint says where the log begins now: keyspan audit ' +
        'verify tells it from records that somebody has taken away. Files that are not as they were written are not deleted.',
    ],
    examples: [
      ['keyspan audit prune', 'Compresses, and deletes what is due.'],
      ['keyspan audit prune --before 2026-11-01', 'Makes room on a disk that is full.'],
    ],
  })
}

function textOf({ compressed, failed, deleted, bytes, oldest }: z.infer<typeof done>): string {
  const lines = [
    ...compressed.map(
      ({ path, before, after }) => `${path}: compressed from ${byteSize(before)} to ${byteSize(after)}`,
    ),
    ...failed.map(({ path, reason }) => `${path}: not compressed: ${reason}`),
    ...deleted.map(({ place, before, records }) =>
      records === 0
        ? `${place}: nothing was deleted before ${before}. keyspan audit verify says why, where it is not as it was`
        : `${place}: ${records} records were deleted; it begins in ${before}`,
    ),
    `The audit log has ${byteSize(bytes)}${oldest === null ? '' : `, from ${oldest} on`}.`,
  ]
  return `${lines.join('\n')}\n`
}
