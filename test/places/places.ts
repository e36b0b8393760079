import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../../src/server/config/config.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { joinDeployment } from '../../src/server/data/join.ts'
import { readIntroduction } from '../../src/server/peers/introduction.ts'
import { startServer, type Server } from '../../src/server/start.ts'
import { askControl } from '../control.ts'
import { credentialsIn } from '../server.ts'
import { freePort } from '../free-port.ts'

/** A server in a place of its own, with one Region of a deployment that has others. */
export interface Place {
  readonly region: string
  readonly path: string
  readonly url: string
  /** Null where it shows no metrics. */
  readonly metricsUrl: string | null
  /** Where others reach it; null where it is stopped. */
  readonly peersUrl: string | null
  /** Those of the home's accounts, wherever they are used. */
  credentials(account?: string): Promise<{ accessKeyId: string; secretAccessKey: string }>
  start(flags?: Readonly<Record<string, unknown>>): Promise<void>
  stop(): Promise<void>
}

/** Several servers, each with a Region, that trust each other. The first is the home of accounts. */
export interface Places extends AsyncDisposable {
  of(region: string): Place
}

/** How a server introduces itself. */
interface Introduced {
  readonly text: string
  readonly fingerprint: string
}

/** Starts a server for each Region, and lets each pair of them trust each other. */
export async function startPlaces(
  regions: readonly string[],
  flags: Readonly<Record<string, unknown>> = {},
): Promise<Places> {
  await using opened = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  opened.defer(() => rm(root, { recursive: true }))
  const ports = await Promise.all(regions.map(freePort))
  const home = join(root, regions[0] ?? '')
  const places = regions.map((region, index): Place => {
    const peer = regions.flatMap((other, at) =>
      other === region ? [] : [`${other}=https://127.0.0.1:${String(ports[at])}`],
    )
    return createPlace({ region, path: join(root, region), home, flags: { ...flags, peer, 'peer-port': ports[index] } })
  })
  opened.defer(async () => {
    for (const place of places) await place.stop()
  })
  const [first, ...others] = places
  await first?.start()
  for (const place of others) {
    await joinAt(place.path, await introductionOf(first))
    await place.start()
  }
  for (const place of places) {
    for (const other of places) if (other !== place) await trust(place, other)
  }
  const running = opened.move()
  return {
    of(region) {
      const place = places.find((each) => each.region === region)
      if (place === undefined) throw new Error(`There is no place for ${region}.`)
      return place
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Lets one place trust another. */
export async function trust(place: Place, other: Place): Promise<void> {
  await askControl(place, '/region/trust', await introductionOf(other))
}

/** How a server that runs introduces itself to others. */
export async function introductionOf(server: { readonly path: string } | undefined): Promise<Introduced> {
  if (server === undefined) throw new Error('There is no server.')
  return (await askControl(server, '/region/identity', {})) as Introduced
}

/** Begins a data directory that belongs to the deployment of a server that has introduced itself. */
export function joinAt(path: string, { text, fingerprint }: Introduced, rootKey: string | null = null): Promise<void> {
  return joinDeployment(dataDirectory(path, rootKey), readIntroduction(text, fingerprint), Date.now())
}

function createPlace({
  region,
  path,
  home,
  flags,
}: Pick<Place, 'region' | 'path'> & {
  readonly home: string
  readonly flags: Readonly<Record<string, unknown>>
}): Place {
  let server: Server | null = null
  const stop = async (): Promise<void> => {
    await server?.stop()
    server = null
  }
  return {
    region,
    path,
    get url() {
      return server?.url ?? ''
    },
    get metricsUrl() {
      return server?.metricsUrl ?? null
    },
    get peersUrl() {
      return server?.peersUrl ?? null
    },
    credentials: (account) => credentialsIn(home, account),
    async start(more = {}) {
      await stop()
      const given = { data: path, port: 0, dev: true, regions: region, ...flags, ...more }
      server = await startServer(readConfig(given, {}), pino({ level: process.env['KEYSPAN_LOG'] ?? 'silent' }))
    },
    stop,
  }
}
