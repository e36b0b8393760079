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
}

/** What whoever runs a server looks at. */
export interface DescribedSystem {
  readonly NodeVersion: string
  readonly Development: boolean
  readonly Places: readonly DescribedPlace[]
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
