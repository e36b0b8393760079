import { Command } from 'commander'
import { z } from 'zod'
import { askRunningServer } from '../control-client.ts'
import { dataOf, withSettings } from '../options.ts'
import { withManual } from '../speech/manual.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const link = z.object({
  by: z.string(),
  heardAt: z.number().nullable(),
  failure: z.object({ since: z.number(), reason: z.string() }).nullable(),
})
const report = z.object({
  regions: z.array(z.string()),
  home: z.object({ region: z.string(), heardAt: z.number().nullable() }).nullable(),
  peers: z.array(
    z.object({ region: z.string(), url: z.string().nullable(), isTrusted: z.boolean(), links: z.array(link) }),
  ),
})
type Report = z.infer<typeof report>

/** `keyspan region status` */
export function statusCommand(): Command {
  const status = withSettings(new Command('status'), ['data', 'config'])
    .description('Prints which Regions are where, and when each was last heard.')
    .addOption(outputOption())
    .action(async ({ output }: { output: Output }, command: Command) => {
      const found = report.parse(await askRunningServer(dataOf(command), '/region/status', {}))
      answer(output, `${linesOf(found).join('\n')}\n`, found)
    })
  return withManual(status, {
    examples: [['keyspan region status', 'Says which Region cannot be reached, and since when.']],
  })
}

function linesOf({ regions, home, peers }: Report): readonly string[] {
  return [
    `Served here: ${regions.join(', ')}.`,
    home === null
      ? 'Accounts, IAM and Organizations are changed here.'
      : `Accounts, IAM and Organizations are changed in ${home.region}; the copy here was as new ${timeOf(home.heardAt)}.`,
    ...peers.flatMap(peerLines),
  ]
}

function peerLines({ region, url, isTrusted, links }: Report['peers'][number]): readonly string[] {
  if (!isTrusted) return [`${region} at ${url ?? ''} is not trusted yet: keyspan region trust.`]
  if (url === null) return [`${region} is trusted, and has no address here: give --peer ${region}=https://HOST:PORT.`]
  return [
    `${region} at ${url}:`,
    ...links.map(({ by, heardAt, failure }) =>
      failure === null
        ? `  ${by} heard it last ${timeOf(heardAt)}.`
        : `  ${by} has not heard it since ${timeOf(failure.since)}: ${failure.reason}`,
    ),
  ]
}

function timeOf(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString()
}
