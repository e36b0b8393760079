import { Command, Option } from 'commander'
import { z } from 'zod'
import type { DrillStep } from '../../domain/drill/step.ts'
import { askRunningServer } from '../control-client.ts'
import { withManual } from '../speech/manual.ts'
import { dataOf, withSettings } from '../options.ts'
import { answer, outputOption, type Output } from '../speech/output.ts'

const shown = z.object({ text: z.string(), drill: z.unknown(), peers: z.unknown().optional() })

interface Options {
  readonly oneWay?: boolean
  readonly output: Output
}

/** `keyspan region status`, and what makes a drill of Regions. */
export function drillCommands(): readonly Command[] {
  return [statusCommand(), partitionCommand(), healCommand(), downCommand(), upCommand(), delayCommand()]
}

function statusCommand(): Command {
  const status = subcommand('status')
    .description('Shows which Regions are where, what one has yet to hear from another, and what a drill does to them.')
    .action((options: Options, command: Command) => ask(command, options, '/region/status', {}))
  return withManual(status, {
    more: [
      'A line is one direction between two Regions. Those on which nothing is wrong and nothing waits are left out.',
    ],
    examples: [['keyspan region status', 'Says whether all is well, and if not, what waits where, since when.']],
  })
}

function partitionCommand(): Command {
  const partition = between(subcommand('partition'))
    .description('Cuts Regions off from each other.')
    .addOption(new Option('--one-way', 'only what the first Region says is not heard any more'))
    .action((one: string | undefined, other: string | undefined, options: Options, command: Command) =>
      take(command, options, 'partition', [one, other]),
    )
  return withManual(partition, {
    more: [
      'Without Regions, each is cut off from all others; with one, that one is. Each goes on by itself, and what it says ' +
        'waits. Clients reach all of them. What needs an answer from the other Region is refused, also where only one ' +
        'way is cut.',
      IN_MEMORY,
    ],
    examples: [
      ['keyspan region partition us-east-1 eu-west-1', 'Neither hears the other.'],
      ['keyspan region partition us-east-1 eu-west-1 --one-way', 'eu-west-1 does not hear us-east-1.'],
      ['keyspan region partition', 'What is done in one Region is not heard in another from now on.'],
    ],
  })
}

function healCommand(): Command {
  const heal = between(subcommand('heal'))
    .description('Takes back what was done to the lines between Regions; without Regions, ends the drill.')
    .addOption(new Option('--one-way', 'only what the first Region says'))
    .action((one: string | undefined, other: string | undefined, options: Options, command: Command) =>
      take(command, options, 'heal', [one, other]),
    )
  return withManual(heal, {
    more: ['With Regions, it takes back cuts and delays. Without, Regions that are down come up as well.'],
    examples: [
      ['keyspan region heal us-east-1 eu-west-1', 'What was missed between the two is heard within moments.'],
      ['keyspan region heal', 'Everything is as it was before the drill.'],
    ],
  })
}

function downCommand(): Command {
  const down = subcommand('down')
    .description('Takes a Region down: it answers no request, and neither hears other Regions nor is heard.')
    .argument('<region>', 'such as us-east-1')
    .action((region: string, options: Options, command: Command) => take(command, options, 'down', [region]))
  return withManual(down, {
    more: [
      'It is out of reach: connections with requests for it are closed without an answer, as SDKs know it from a Region ' +
        'that is out. Inside, its time goes on: what is due there is done. IAM and other services of no Region answer.',
      IN_MEMORY,
    ],
    examples: [['keyspan region down us-east-1', 'See whether your application goes on in another Region.']],
  })
}

function upCommand(): Command {
  const up = subcommand('up')
    .description('Brings a Region up again; it catches up with the others.')
    .argument('<region>', 'such as us-east-1')
    .action((region: string, options: Options, command: Command) => take(command, options, 'up', [region]))
  return withManual(up, {
    examples: [['keyspan region up us-east-1', 'It answers again, and hears what it has missed.']],
  })
}

function delayCommand(): Command {
  const delay = subcommand('delay')
    .alias('lag')
    .description('Has what passes between two Regions be late.')
    .argument('<region>', 'such as us-east-1')
    .argument('<other>', 'such as eu-west-1')
    .argument('<duration>', 'such as 5s, 10m or 24h, which is the longest')
    .addOption(new Option('--one-way', 'only what the first Region says is late'))
    .action((one: string, other: string, duration: string, options: Options, command: Command) =>
      take(command, options, 'delay', [one, other], duration),
    )
  return withManual(delay, {
    more: [
      'What one Region says is heard so much later, by the server’s clock, and up to twice that where others are on their ' +
        'way. What a Region asks another before it does something (UpdatePrimaryRegion, ReplicateKey) is not late.',
      IN_MEMORY,
    ],
    examples: [['keyspan region delay us-east-1 eu-west-1 30s', 'A rotation takes half a minute and more.']],
  })
}

const IN_MEMORY = 'In development mode only. It lasts until it is taken back, or the server is started again.'

function subcommand(name: string): Command {
  return withSettings(new Command(name), ['data', 'config']).addOption(outputOption())
}

function between(command: Command): Command {
  return command.argument('[region]', 'such as us-east-1').argument('[other]', 'such as eu-west-1')
}

async function take(
  command: Command,
  options: Options,
  action: DrillStep['action'],
  named: readonly (string | undefined)[],
  delay?: string,
): Promise<void> {
  const regions = named.filter((region) => region !== undefined)
  const { oneWay = false } = options
  await ask(command, options, '/region', { action, regions, oneWay, delay })
}

/** Whatever was done, what is wrong then is shown. */
async function ask(command: Command, { output }: Options, path: string, body: object): Promise<void> {
  const { text, drill, peers } = shown.parse(await askRunningServer(dataOf(command), path, body))
  answer(output, `${text}\n`, peers ? { ...(drill as object), peers } : drill)
}
