import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { homeRegion, type Region } from '../domain/region.ts'
import type { NewAccessKey } from '../kernel/identities/new-access-key.ts'
import type { Config } from './config/config.ts'
import { FIRST_ACCOUNT } from './data/accounts.ts'
import { startEphemeral } from './ephemeral.ts'
import { lookFirst } from './look-first.ts'
import { fillSeed } from './seed/fill.ts'
import { accountsOf, type SeededAccount } from './seed/people.ts'
import { acceptSeed, readSeed, type ReadSeed } from './seed/read.ts'

/** An ephemeral server as programs know it. */
export interface SeededServer {
  readonly url: string
  readonly region: Region
  readonly accounts: readonly SeededAccount[]
  /** Those of the root user of the first account. */
  readonly credentials: NewAccessKey
  readonly stop: () => Promise<void>
}

/**
 * Starts an ephemeral server with its seed.
 *
 * @throws ConfigError, or SeedError with every mistake of the seed
 */
export async function startSeeded(config: Config, log: Logger): Promise<SeededServer> {
  const read = config.seed === null ? firstAccount() : await readSeedFile(config.seed)
  const found = await lookFirst(config)
  const filled = fillSeed(read, config.credentials)
  const { url, stop } = await startEphemeral({ ...config, ...found, seed: filled }, log)
  const region = homeRegion(config.regions)
  const accounts = accountsOf(filled.seed, region, config.credentials)
  const [first] = accounts
  if (first === undefined) throw new Error('INVARIANT: a seed has an account')
  return { url, region, accounts, credentials: first.credentials, stop }
}

/** What there is where nothing is said. */
export function firstAccount(): ReadSeed {
  return acceptSeed({ Accounts: [{ AccountId: FIRST_ACCOUNT }] }, 'seed')
}

/** Reads a seed in a file, whose path is in every error. */
export async function readSeedFile(path: string): Promise<ReadSeed> {
  return readSeed(await readFile(path, 'utf8'), path)
}
