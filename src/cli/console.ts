import { Command } from 'commander'
import { spawn } from 'node:child_process'
import { z } from 'zod'
import { FIRST_ACCOUNT } from '../server/data/accounts.ts'
import { askRunningServer } from './control-client.ts'
import { dataOf, withSettings } from './options.ts'
import { withManual } from './speech/manual.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const link = z.object({ url: z.string() })

/** What opens an address in a browser, by platform. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
  linux: ['xdg-open'],
}

interface Options {
  readonly account: string
  readonly open: boolean
  readonly output: Output
}

/** `keyspan console` */
export function consoleCommand(): Command {
  const command = withSettings(new Command('console'), ['data', 'config'])
    .description('Opens the console in a browser, signed in as the root user of an account.')
    .option('--account <id>', 'whose root user', FIRST_ACCOUNT)
    .option('--no-open', 'only prints the address')
    .addOption(outputOption())
    .action(async ({ account, open, output }: Options, self: Command) => {
      const { url } = link.parse(await askRunningServer(dataOf(self), '/console', { id: account }))
      answer(output, `${url}\n\nIt signs in once, within a minute.\n`, { url })
      if (open && process.stdout.isTTY) openInBrowser(url)
    })
  return withManual(command, {
    more: [
      'The address has a token that is good once and for a minute: whoever opens it first is signed in, for an hour. It ' +
        'is opened by the browser where the command runs in a terminal.',
    ],
    examples: [
      ['keyspan console', 'Prints an address, and opens it.'],
      ['keyspan console --no-open --output json | jq -r .url', 'Prints the address alone.'],
    ],
  })
}

/** Where there is no browser the address is enough. */
function openInBrowser(url: string): void {
  const [program = '', ...args] = OPENERS[process.platform] ?? OPENERS['linux'] ?? []
  const opener = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  opener.on('error', () => {})
  opener.unref()
}
