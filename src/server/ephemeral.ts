import type { X509Certificate } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { homeRegion } from '../domain/region.ts'
import type { WireHandler } from '../protocol/wire.ts'
import { dataDirectory } from './data/data-directory.ts'
import { readConfig } from './config/config.ts'
import { beginEphemeralDeployment, type Deployment } from './data/deployment.ts'
import { openEngine, type Engine, type EngineConfig } from './engine.ts'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './temporary-directory.ts'
import { plant } from './seed/plant.ts'
import type { ReadSeed } from './seed/read.ts'
import type { TlsFiles } from './http/http.ts'
import { serveEngine } from './http/serve-engine.ts'

/** How an ephemeral server is started. */
export interface EphemeralOptions extends Omit<EngineConfig, 'dev' | 'audit' | 'retention' | 'trails' | 'peers'> {
  /** Into its own directory, and away with it, unless told otherwise. */
  readonly trails?: EngineConfig['trails']
  readonly host: string
  /** Whether the console is served; null for where only this machine can reach it. */
  readonly console?: boolean | null
  /** Null for plain HTTP. */
  readonly tls?: TlsFiles | null
  /** Those who are trusted to vouch for attestation documents. */
  readonly roots?: readonly X509Certificate[]
  /** 0 takes a free one. */
  readonly port: number
  /** What the server has at each beginning. */
  readonly seed: ReadSeed
  /** What else is done at each beginning. */
  readonly begun?: (life: Life) => Promise<void>
}

/** What an ephemeral server has between two resets. */
export interface Life {
  readonly deployment: Deployment
  readonly engine: Engine
}

/** A server whose data is gone with it. */
export interface EphemeralServer {
  readonly url: string
  readonly life: () => Life
  /** Begins anew, at the same address. Requests that are under way are answered before. */
  readonly reset: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A life with what ends it. */
interface OwnLife extends Life {
  readonly end: () => Promise<void>
}

/**
 * Starts a server that keeps nothing: its files are in a temporary directory, are never synced, and are sealed under a
 * root key that is in memory only. It is in development mode.
 */
export async function startEphemeral(options: EphemeralOptions, log: Logger): Promise<EphemeralServer> {
  let life = await beginLife(options, log)
  const gate = createGate()
  let isOver = false
  const reset = () =>
    gate.alone(async () => {
      if (isOver) throw new Error('The server has stopped.')
      const next = await beginLife(options, log)
      const last = life
      life = next
      await last.end()
    })
  const address = { host: options.host, port: options.port, tls: options.tls ?? null, console: options.console ?? null }
  try {
    const http = await serveEngine(() => life.engine, address, log, { reset, around: gate.around })
    return {
      url: http.url,
      life: () => life,
      reset,
      async stop() {
        await http.close()
        await gate.alone(async () => {
          isOver = true
          await life.end()
        })
      },
    }
  } catch (error) {
    await life.end()
    throw error
  }
}

async function beginLife(options: EphemeralOptions, log: Logger): Promise<OwnLife> {
  await using opened = new AsyncDisposableStack()
  const path = await makeTemporaryDirectory()
  opened.defer(() => removeTemporaryDirectory(path))
  const data = dataDirectory(path)
  await mkdir(join(path, 'regions'), { mode: 0o700 })
  const deployment = await beginEphemeralDeployment(data, Date.now())
  opened.defer(() => deployment.store.close())
  const retention = { days: null, bytes: 'unlimited' } as const
  const { trails, peers } = readConfig({}, {})
  const config = { trails, ...options, peers, dev: true, audit: 'normal', retention } as const
  const engine = await openEngine(config, { data, deployment, roots: options.roots ?? [], alarms: null }, log)
  opened.defer(() => engine.stop())
  await plant(options.seed, deployment, engine, homeRegion(options.regions))
  await options.begun?.({ deployment, engine })
  const living = opened.move()
  return { deployment, engine, end: () => living.disposeAsync() }
}

/** Lets requests through together, and a change of what answers them alone. */
interface Gate {
  readonly around: (handle: WireHandler) => WireHandler
  readonly alone: (work: () => Promise<void>) => Promise<void>
}

function createGate(): Gate {
  const underWay = new Set<Promise<unknown>>()
  const door: { closed: Promise<void> | null } = { closed: null }
  const opened = async (): Promise<void> => {
    while (door.closed !== null) await door.closed
  }
  return {
    around: (handle) => async (request) => {
      if (door.closed !== null) await opened()
      const answering = handle(request)
      const settled = answering.catch(() => {}).finally(() => underWay.delete(settled))
      underWay.add(settled)
      return answering
    },
    async alone(work) {
      await opened()
      const { promise, resolve } = Promise.withResolvers<void>()
      door.closed = promise
      try {
        await Promise.all(underWay)
        await work()
      } finally {
        door.closed = null
        resolve()
      }
    },
  }
}
