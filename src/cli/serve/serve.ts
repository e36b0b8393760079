import { Command } from 'commander'
import type { Logger } from 'pino'
import { FIRST_ACCOUNT } from '../../server/data/accounts.ts'
import { readConfig, type Config } from '../../server/config/config.ts'
import { SETTINGS } from '../../server/config/settings.ts'
import { ConfigError } from '../../server/config/config-error.ts'
import { profileNames, profileOf } from '../../server/data/profiles.ts'
import type { Server } from '../../server/start.ts'
import { isLoopback } from '../../server/http/loopback.ts'
import { isTelemetryAsked, readTelemetry } from '../../server/telemetry/settings.ts'
import type { Telemetry } from '../../server/telemetry/telemetry.ts'
import type { ServerAbout } from '../../server/watch.ts'
import { clientEnvironment, inTheWay } from '../shell/client-environment.ts'
import { harden } from './harden.ts'
import { logTo } from './log-to.ts'
import { asTyped } from '../speech/as-typed.ts'
import { withManual } from '../speech/manual.ts'
import { settingsOf, withSettings } from '../options.ts'
import { shellLines, usualShell } from '../shell/shell.ts'
import { endOnSignal, stopOnSignal } from './stop-on-signal.ts'

const STANDARD_ERROR = 2

const LOG_LEVELS: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

const MANUAL = {
  more: [
    'It serves until it is sent SIGINT, SIGTERM or SIGHUP, and then lets what is under way finish; a second signal does ' +
      'not wait. Standard output says when it is ready; its log goes to standard error, from the level that KEYSPAN_LOG ' +
      'names: fatal, error, warn (the default), info, debug, trace or silent.',
    'With --ephemeral it is for the tests of programs in any language: standard output has one line of JSON when it is ' +
      'ready, with url, region, credentials and accounts. It ends with the process that has started it, and when the ' +
      'pipe to its standard input is closed; its data is gone then. POST /reset brings it back to its seed.',
  ],
  examples: [
    ['keyspan serve', 'Serves every Region on http://127.0.0.1:7700, with its data in ./keyspan-data.'],
    ['keyspan serve --regions us-east-1,eu-west-1 --port 8080', 'Serves two Regions; the first one is home.'],
    ['keyspan serve --ephemeral --seed seed.yaml --credentials test:test', 'Serves the tests of a program.'],
    ['keyspan serve --dev', 'Lets the clock be moved and Regions be cut off: for drills and tests only.'],
  ],
  status: ['It was asked to end, and has.'],
} as const

/** `keyspan serve` */
export function serveCommand(): Command {
  const names = SETTINGS.map((setting) => setting.name)
  const serve = withSettings(new Command('serve'), names)
    .description('Starts the server.')
    .action(async (_options: unknown, command: Command) => {
      const config = readConfig(settingsOf(command), process.env)
      harden(config.dev)
      endOnSignal()
      // A server outlives whoever reads what it says, and the disk that would have had it.
      process.stderr.on('error', () => {})
      // The log goes to standard error, so that standard output is what a person or a script reads.
      const { pino } = await import('pino')
      const level = logLevel(process.env['KEYSPAN_LOG'])
      const errors = logTo(STANDARD_ERROR)
      const log = pino({ level }, errors)
      if (config.ephemeral) return serveEphemeral(config, log)
      const version = command.parent?.version() ?? 'unknown'
      const telemetry = await telemetryOf(process.env, version, log)
      if (telemetry === null) return serveKept(config, log, { version })
      const streams = [errors, telemetry.log ?? []].flat().map((stream) => ({ level: 'trace', stream }))
      await serveKept(config, pino({ level }, pino.multistream(streams)), { version, telemetry })
    })
  return withManual(serve, MANUAL)
}

/** What is told to a collector; null where none is named. Nothing of it is loaded then. */
async function telemetryOf(env: NodeJS.ProcessEnv, version: string, log: Logger): Promise<Telemetry | null> {
  if (!isTelemetryAsked(env)) return null
  const { openTelemetry } = await import('../../server/telemetry/telemetry.ts')
  return openTelemetry(readTelemetry(env), version, (reason) => log.warn(reason))
}

async function serveKept(config: Config, log: Logger, about: ServerAbout): Promise<void> {
  const { startServer } = await import('../../server/start.ts')
  const stopper = createStopper()
  const follows: ServerAbout['follows'] = (url, leader, follower) => {
    process.stdout.write(asTyped(`Keyspan serves at ${url}, beside the process at ${leader}, which leads.\n`))
    // Nothing but its end ends its waiting.
    stopper.stops({ stop: () => follower.stop().finally(() => process.exit()) })
  }
  const server = await startServer(config, log, { ...about, sealed, waits, follows })
  stopper.stops(server)
  if (server.lost !== null) void server.lost.then((reason) => endLost(server, reason))
  const isProfiled = (await profileNames(server.data)).includes(profileOf(FIRST_ACCOUNT))
  process.stdout.write(asTyped(welcomeText(server, config, isProfiled)))
}

/** Stops on a signal what was begun last. */
function createStopper(): { stops(server: Pick<Server, 'stop'>): void } {
  let current: Pick<Server, 'stop'> | null = null
  return {
    stops(server) {
      if (current === null) stopOnSignal({ stop: async () => current?.stop() }, false)
      current = server
    },
  }
}

function sealed(url: string, isNew: boolean): void {
  const todo = isNew ? 'It has no passphrase yet. Give it one' : 'Give it its passphrase or PIN'
  process.stdout.write(asTyped(`Keyspan is sealed at ${url}. ${todo}, in another terminal: keyspan unseal\n`))
}

function waits(url: string, reason: string): void {
  process.stdout.write(asTyped(`Keyspan is a standby at ${url}: ${reason}.\n`))
}

/** How long a server that may change nothing more has to close its files, in milliseconds. */
const LEAVE_MS = 3000

/** SECURITY: what another may have taken over is served no more. Whoever has started this process starts another. */
async function endLost(server: Server, reason: string): Promise<void> {
  process.stderr.write(
    asTyped(`Keyspan serves no more: ${reason}. Start it again (a supervisor does so by itself): it takes its turn.\n`),
  )
  setTimeout(() => process.exit(1), LEAVE_MS)
  await server.stop().catch(() => {})
  process.exit(1)
}

/** Standard output has one line, for the program that has started this one. */
async function serveEphemeral(config: Config, log: Logger): Promise<void> {
  const { startSeeded } = await import('../../server/start-seeded.ts')
  const server = await startSeeded(config, log)
  stopOnSignal(server, true)
  const { url, region, credentials, accounts } = server
  process.stdout.write(`${JSON.stringify({ url, region, data: null, credentials, accounts })}\n`)
}

function logLevel(text = ''): string {
  if (text === '') return 'warn'
  if (LOG_LEVELS.includes(text)) return text
  throw new ConfigError(`The log level "${text}" from KEYSPAN_LOG is none. There are ${LOG_LEVELS.join(', ')}.`)
}

function welcomeText(
  { url, metricsUrl, data, home, notices }: Server,
  { regions, dev, enforcement, tls, host }: Config,
  isProfiled: boolean,
): string {
  const profile = profileOf(FIRST_ACCOUNT)
  const where = regions === null ? 'every Region' : regions.join(', ')
  const obstacles = inTheWay(process.env)
  const lines = shellLines(usualShell(process.platform), clientEnvironment(data, profile, url, process.env), obstacles)
  const warnings = [
    ...(dev ? ['DEVELOPMENT MODE (--dev): the clock can be moved, and keys are deleted before their time.'] : []),
    ...(enforcement === 'log' ? ['POLICIES ARE NOT ENFORCED (--enforcement log): what they refuse is let pass.'] : []),
    ...(obstacles.length > 0 ? [`In this shell, ${obstacles.join(', ')} would win over the profile: take away.`] : []),
    ...(tls === null && !isLoopback(host)
      ? ['WITHOUT TLS others on the network can read what clients send. Give --tls-cert and --tls-key.']
      : []),
    ...notices,
  ]
  const metrics = metricsUrl === null ? '' : `Its metrics are at ${metricsUrl}.\n`
  const use = [...lines, `aws --profile ${profile} kms create-key --multi-region`]
  const away = [
    home === null
      ? 'It has no credentials of its accounts: clients use those that they have, and this address.'
      : `Its accounts are those of ${home}: clients use the credentials that they have there, and this address.`,
  ]
  return `Keyspan is ready at ${url} for ${where}. Its data is in ${data.path}.
${metrics}${warnings.map((warning) => `\n  ATTENTION: ${warning}\n`).join('')}
  ${(home === null && isProfiled ? use : away).join('\n  ')}

`
}
