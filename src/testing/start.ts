import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { destination, pino } from 'pino'
import { COMMERCIAL_REGIONS, homeRegion, isCommercialRegion, type Region } from '../domain/region.ts'
import { explainedText } from '../kernel/explain/text.ts'
import { ConfigError } from '../server/config/config-error.ts'
import { DrillError, type DrillStep } from '../domain/drill/step.ts'
import { LONGEST, parseDuration } from '../domain/duration.ts'
import { startEphemeral, type EphemeralServer, type Life } from '../server/ephemeral.ts'
import { actAsRole } from '../server/role-session.ts'
import { fillSeed } from '../server/seed/fill.ts'
import { accountsOf } from '../server/seed/people.ts'
import { firstAccount, readSeedFile } from '../server/start-seeded.ts'
import { acceptSeed, SeedError, type ReadSeed } from '../server/seed/read.ts'
import { reasonOf } from '../server/system-errors.ts'
import { newSessionKey, type SessionKey } from '../services/sts/begin-session.ts'
import { KeyspanError } from './keyspan-error.ts'
import { requireKnown, requireOptions } from './options.ts'
import { somebody } from './people.ts'
import type {
  Keyspan,
  KeyspanClientConfig,
  KeyspanClock,
  KeyspanCredentials,
  KeyspanOptions,
  StartKeyspan,
} from './public.ts'

export const startKeyspan: StartKeyspan = async (options = {}) => {
  requireOptions(options)
  const regions = acceptRegions(options.regions)
  const region = homeRegion(regions)
  const credentials = options.credentials ?? null
  const filled = fillSeed(await readGiven(options.seed), credentials)
  const log = pino({ level: options.log ?? 'error' }, destination({ fd: 2, sync: true }))
  const { enforcement = 'enforce', throttle = 'off', port = 0 } = options
  const sessions = createSessions()
  const server = await startEphemeral(
    {
      regions,
      enforcement,
      throttle,
      host: '127.0.0.1',
      port,
      seed: filled,
      begun: (life) => sessions.takeTo(life),
    },
    log,
  ).catch((error: unknown) => {
    throw portTaken(error, port)
  })
  const accounts = accountsOf(filled.seed, region, credentials)
  const [first] = accounts
  if (first === undefined) throw new Error('INVARIANT: a seed has an account')
  return keyspanOf(server, { region, accounts, credentials: first.credentials }, sessions)
}

function keyspanOf(
  server: EphemeralServer,
  facts: Pick<Keyspan, 'accounts' | 'credentials' | 'region'>,
  sessions: Sessions,
): Keyspan {
  const clients: { destroy?: () => void }[] = []
  let stopped: Promise<void> | null = null
  const life = (): Life => {
    if (stopped === null) return server.life()
    throw new KeyspanError('This server has stopped. Start another one with startKeyspan().')
  }
  const engine = () => life().engine
  const end = async (): Promise<void> => {
    try {
      for (const client of clients) client.destroy?.()
    } finally {
      await server.stop()
    }
  }
  const stop = (): Promise<void> => {
    stopped ??= end()
    return stopped
  }
  const config: Keyspan['config'] = (options = {}): KeyspanClientConfig => {
    requireKnown(options, ['region', 'as'], 'config()')
    const { region = facts.region, as } = options
    const who = somebody(as, facts.accounts)
    const credentials = 'role' in who ? async () => sessions.of(who.role, life()) : who.credentials
    return { endpoint: server.url, region: requireServed(region, engine().regions.served), credentials }
  }
  return {
    url: server.url,
    ...facts,
    clock: clockOf(engine),
    config,
    client(type, { region, as, ...others } = {}) {
      const asked = { ...(region !== undefined && { region }), ...(as !== undefined && { as }) }
      const client = new type({ ...config(asked), ...others } as never)
      clients.push(client as { destroy?: () => void })
      return client
    },
    partition: (one, other) =>
      drill(engine(), { action: 'partition', regions: other === undefined ? [one] : [one, other] }),
    down: (region) => drill(engine(), { action: 'down', regions: [region] }),
    up: (region) => drill(engine(), { action: 'up', regions: [region] }),
    delay: (one, other, duration) => drill(engine(), { action: 'delay', regions: [one, other], delay: duration }),
    heal: () => void engine().loop.drill({ action: 'heal', regions: [] }),
    settle: async () => engine().loop.settle(),
    async explainLast() {
      const inspector = await engine().inspector()
      const [newest] = await inspector.refusals({ caller: null, resource: null, region: null, limit: 1 })
      if (newest === undefined) return null
      const explained = await inspector.refusal(newest.id)
      return { text: explainedText(explained), explained }
    },
    async reset() {
      life()
      await server.reset()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function drill({ loop }: Life['engine'], step: DrillStep): Promise<void> {
  try {
    await loop.drill(step)
  } catch (error) {
    throw error instanceof DrillError ? new KeyspanError(error.message, { cause: error }) : error
  }
}

function clockOf(engine: () => Life['engine']): KeyspanClock {
  const advance = async (milliseconds: number): Promise<Date> => {
    const { clock, loop } = engine()
    if (clock.offset() + milliseconds > LONGEST) {
      throw new KeyspanError(
        `The clock goes a hundred years ahead at most, and it is ${new Date(clock.now()).toISOString()}. ` +
          'reset() brings it back.',
      )
    }
    clock.advance(milliseconds)
    await loop.settle()
    return new Date(clock.now())
  }
  return {
    now: () => new Date(engine().clock.now()),
    async advance(duration) {
      const milliseconds = typeof duration === 'number' ? duration : parseDuration(duration)
      if (Number.isSafeInteger(milliseconds) && Number(milliseconds) >= 0) return advance(Number(milliseconds))
      throw new KeyspanError(
        `"${duration}" is no duration. Give a number and a unit, such as 30d, 12h, 5m or 90s, up to a hundred years, ` +
          'or whole milliseconds.',
      )
    },
    async set(time) {
      const ahead = new Date(time).getTime() - engine().clock.now()
      if (ahead >= 0) return advance(ahead)
      if (Number.isNaN(ahead)) throw new KeyspanError(`"${String(time)}" is no time, such as 2030-01-31T12:00:00Z.`)
      throw new KeyspanError(
        `${new Date(time).toISOString()} is over: it is ${new Date(engine().clock.now()).toISOString()}, and the clock ` +
          'goes forward only. reset() brings it back.',
      )
    },
  }
}

/** Sessions of roles for clients; the same ones after a reset. */
interface Sessions {
  of(role: string, life: Life): Promise<KeyspanCredentials>
  takeTo(life: Life): Promise<void>
}

function begin(role: string, key: SessionKey, { deployment, engine }: Life): Promise<boolean> {
  return actAsRole(deployment, role, key, engine.clock.now())
}

function createSessions(): Sessions {
  const keys = new Map<string, SessionKey>()
  return {
    async of(role, life) {
      const known = keys.get(role)
      if (known !== undefined) return known
      const key = newSessionKey()
      if (!(await begin(role, key, life))) throw new KeyspanError(`There is no role ${role}.`)
      keys.set(role, key)
      return key
    },
    async takeTo(life) {
      for (const [role, key] of keys) if (!(await begin(role, key, life))) keys.delete(role)
    },
  }
}

async function readGiven(seed: KeyspanOptions['seed']): Promise<ReadSeed> {
  if (seed === undefined) return firstAccount()
  if (typeof seed !== 'string' && !(seed instanceof URL)) return acceptSeed(seed, 'seed')
  try {
    return await readSeedFile(seed instanceof URL ? fileURLToPath(seed) : seed)
  } catch (error) {
    if (error instanceof SeedError) throw error
    const path = seed instanceof URL ? seed.href : resolve(seed)
    throw new KeyspanError(
      `The seed ${path} cannot be read: ${reasonOf(error)}. Give its content, or the path of its file; ` +
        "new URL('seed.yaml', import.meta.url) is a file beside the test.",
      { cause: error },
    )
  }
}

/** What keeps a server from its port, in the words of the kit. */
function portTaken(error: unknown, port: number): unknown {
  const { code = '', syscall } = ((error as Error).cause ?? {}) as Partial<NodeJS.ErrnoException>
  if (!(error instanceof ConfigError) || syscall !== 'listen') return error
  const reason = code === 'EADDRINUSE' ? 'another program listens there' : reasonOf(error.cause)
  return new KeyspanError(`port ${port} cannot be had: ${reason}. Leave port out, and a free one is taken.`, {
    cause: error,
  })
}

function acceptRegions(regions: readonly string[] | undefined): readonly Region[] | null {
  if (regions === undefined) return null
  const unknown = regions.find((region) => !isCommercialRegion(region))
  if (regions.length > 0 && unknown === undefined) return [...new Set(regions)]
  throw new KeyspanError(
    `regions has ${unknown === undefined ? 'none' : `"${unknown}"`}. There are ${COMMERCIAL_REGIONS.join(', ')}.`,
  )
}

function requireServed(region: string, served: readonly Region[]): Region {
  if (served.includes(region)) return region
  throw new KeyspanError(`This server has no Region "${region}". It has ${served.join(', ')}.`)
}
