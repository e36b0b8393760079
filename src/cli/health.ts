import { Command, InvalidArgumentError, Option } from 'commander'
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { readConfig, type Config } from '../server/config/config.ts'
import { reachable, urlAt } from '../server/http/address.ts'
import { reasonOf } from '../server/system-errors.ts'
import { withManual } from './speech/manual.ts'
import { settingsOf, withSettings } from './options.ts'
import { answer, outputOption, type Output } from './speech/output.ts'

const ANSWER_MS = 4000
const RETRY_MS = 100
const OK = 200

const STANDBY = 'it is a standby, which waits for its database or for the process that serves it'
const ROLES = { leader: ', and leads', follower: ', beside the process that leads' } as const
const told = z.object({ status: z.string(), role: z.enum(['leader', 'follower']).optional() })

interface Options {
  readonly wait: number
  readonly output: Output
}

/** `keyspan health` */
export function healthCommand(): Command {
  const health = withSettings(new Command('health'), ['host', 'port', 'tls-cert', 'tls-key', 'config'])
    .description('Says whether the server of these settings serves: for health checks, and scripts that wait for it.')
    .addOption(new Option('--wait <seconds>', 'how long it may take until it does').default(0).argParser(parseSeconds))
    .addOption(outputOption())
    .action(async ({ wait, output }: Options, command: Command) => {
      const url = addressOf(readConfig(settingsOf(command), process.env))
      const until = performance.now() + wait * 1000
      let found = await lookAt(url)
      while (found.obstacle !== null && performance.now() < until) {
        await sleep(RETRY_MS)
        found = await lookAt(url)
      }
      const { obstacle, role } = found
      const beside = role === null ? '' : ROLES[role]
      const text = obstacle === null ? `${url} serves${beside}.\n` : `${url} does not serve: ${obstacle}.\n`
      answer(output, text, { url, serves: obstacle === null, obstacle, role })
      if (obstacle !== null) process.exitCode = 1
    })
  return withManual(health, {
    more: ['It asks for /health, which needs no signature, at the address that the same settings give a server.'],
    examples: [
      ['keyspan health', 'Asks once.'],
      ['keyspan health --wait 30 --port 7701', 'Waits for a server that is starting, for at most 30 seconds.'],
    ],
    status: ['It serves.', 'It does not, or nobody answers.'],
  })
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text !== '' && seconds >= 0 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('Give a number of seconds, at most 3600.')
}

/** Where a server listens is not always where it can be asked: it listens on all addresses at once, and is asked at one. */
function addressOf({ host, port, tls }: Config): string {
  if (port === 0) throw new Error('The port 0 is another one at each start. Give --port the one that the server says.')
  return reachable(urlAt(tls !== null, host, port))
}

/** What is known of a server. */
interface Found {
  /** What keeps it from serving; null where nothing does. */
  readonly obstacle: string | null
  /** What it is beside others that serve the same; null where there can be none. */
  readonly role: 'leader' | 'follower' | null
}

/** Asks a server how it is. */
function lookAt(url: string): Promise<Found> {
  return new Promise((resolve) => {
    // It is this machine that is asked, and nothing is told to it: whose certificate it shows does not matter.
    const options = { agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(ANSWER_MS) }
    const request = url.startsWith('https:') ? requestTls : requestPlain
    const asking = request(`${url}/health`, options, (response) => {
      void json(response)
        .catch(() => null)
        .then((body) => resolve(foundIn(response.statusCode ?? 0, body)))
    })
    asking.on('error', (error) => {
      const obstacle = error.name === 'AbortError' ? 'it does not answer' : reasonOf(error)
      resolve({ obstacle, role: null })
    })
    asking.end()
  })
}

function foundIn(code: number, body: unknown): Found {
  const { data } = told.safeParse(body)
  const obstacle = data?.status === 'standby' ? STANDBY : `it answers with the status ${code}`
  return { obstacle: code === OK ? null : obstacle, role: data?.role ?? null }
}
