import { z } from 'zod'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'

/** One log of a deployment, with the store that it belongs to. */
export interface DescribedPlace {
  /** A Region, or `global`. */
  readonly Place: string
  readonly StoreBytes: number
  /** When its newest checkpoint was made; null before the first one. */
  readonly CheckpointTime: Date | null
  /** How many other Regions have vouched for it. */
  readonly Witnesses: number
  /** How many messages others have yet to hear from it, and since when the first of them waits; null where none does. */
  readonly Unheard: number
  readonly UnheardSince: Date | null
}

/** A Region that another server serves. */
export interface DescribedPeer {
  readonly Region: string
  readonly Trusted: boolean
  /** When a Region here last heard it; null for never. */
  readonly HeardTime: Date | null
  /** Why it is not heard now; null where it is. */
  readonly Trouble: string | null
}

/** What whoever runs a server looks at. */
export interface DescribedSystem {
  /** Whether requests can be answered. */
  readonly Healthy: boolean
  readonly NodeVersion: string
  /** What holds the root key: `file`, `passphrase` or `aws-kms`. */
  readonly RootKeyProvider: string
  readonly Development: boolean
  readonly Places: readonly DescribedPlace[]
  readonly Peers: readonly DescribedPeer[]
  /** The Region whose server has the accounts, and when the copy here was last as new; null where they are here. */
  readonly Home: { readonly Region: string; readonly HeardTime: Date | null } | null
  readonly DiskFreeBytes: number
  readonly DiskSizeBytes: number
  /** What an operator must know; nothing where all is well. */
  readonly Notices: readonly string[]
}

/** How a system is described. */
export interface SystemView {
  readonly version: string
  /** The Regions that it serves. */
  readonly regions: readonly string[]
  /** The account that the deployment began with: whoever may ask there runs it. */
  readonly operator: string
  /** What a drill does to the Regions, in sentences; none where there is no drill. */
  faults(): readonly string[]
  describe(): Promise<DescribedSystem>
}

/**
 * Says what serves here: its version, its Regions, and what a drill does to them; and to the account that the deployment began with, how its stores,
 * its audit logs and its disk are.
 */
export const describeSystem = (view: SystemView) =>
  globalReadOperation({
    name: 'DescribeSystem',
    errors: [],
    input: z.object({}),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:DescribeSystem', '*', region)],
    async run(_input, _found, { caller: { account } }) {
      const own = { Version: view.version, Regions: view.regions, Faults: view.faults() }
      return account === view.operator ? { ...own, System: await view.describe() } : own
    },
    record: () => ({ requestParameters: null, resources: [] }),
  })
