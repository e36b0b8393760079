import { UnfitMaterialError } from '../../crypto/import.ts'
import { rootArn } from '../../domain/arn.ts'
import type { Region } from '../../domain/region.ts'
import { WireError } from '../../kernel/errors.ts'
import type { Chosen } from '../../kernel/call.ts'
import { AccountError } from '../data/accounts.ts'
import { askOperation } from '../ask-operation.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Engine } from '../engine.ts'
import type { ReadSeed, SeedPath } from './read.ts'

/** What is asked for a part of a seed. */
export interface Planting {
  /** As in signatures. */
  readonly service: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  /** As whose root user. */
  readonly account: string
  /** Left out for what belongs to no Region. */
  readonly region?: Region
  readonly chosen?: Chosen
}

/** What plants the parts of a seed, by the operations that whoever uses the server would ask for. */
export interface Planter {
  readonly deployment: Deployment
  readonly engine: Engine
  /** Where a key is whose Region is not said. */
  readonly home: Region
  /** @throws SeedError about the part at `path` */
  ask(path: SeedPath, planting: Planting): Promise<unknown>
  /** An error about one part. */
  readonly error: ReadSeed['error']
  /** Does work for a part; what it refuses is an error about that part. */
  at<Result>(path: SeedPath, work: () => Promise<Result>): Promise<Result>
}

/** What a part of a seed is refused with; any other error is a fault. */
const REFUSALS = [WireError, AccountError, UnfitMaterialError]

/** A planter for a server that nobody uses yet. */
export function createPlanter(read: ReadSeed, deployment: Deployment, engine: Engine, home: Region): Planter {
  const { identities, invoker, clock } = engine
  const accounts = new Set(read.seed.Accounts.map(({ AccountId }) => AccountId))
  const at: Planter['at'] = async (path, work) => {
    try {
      return await work()
    } catch (cause) {
      if (!REFUSALS.some((kind) => cause instanceof kind)) throw cause
      const code = cause instanceof WireError ? `${cause.code}: ` : ''
      throw read.error(path, `${code}${(cause as Error).message}`, { cause })
    }
  }
  return {
    deployment,
    engine,
    home,
    error: read.error,
    at,
    ask: (path, { service, name, input, account, region = home, chosen }) =>
      at(path, async () => {
        const caller = await identities.callerNamed(rootArn(account))
        if (caller === null || !accounts.has(account))
          throw new AccountError(`There is no account ${account} in the seed.`)
        const asked = { service, name, input, caller, region, ...(chosen !== undefined && { chosen }) }
        return askOperation({ invoker, now: clock.now }, asked)
      }),
  }
}
