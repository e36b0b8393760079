import { PARTITION } from '../../../domain/region.ts'
import type { Value } from './value.ts'

/** What a template can know of the stack that it is used for. */
export interface Surroundings {
  readonly account: string
  readonly region: string
  readonly stackId: string
  readonly stackName: string
  readonly notificationArns: readonly string[]
}

const VALUES: ReadonlyMap<string, (around: Surroundings) => Value> = new Map<string, (around: Surroundings) => Value>([
  ['AWS::AccountId', ({ account }) => account],
  ['AWS::NotificationARNs', ({ notificationArns }) => notificationArns],
  ['AWS::Partition', () => PARTITION],
  ['AWS::Region', ({ region }) => region],
  ['AWS::StackId', ({ stackId }) => stackId],
  ['AWS::StackName', ({ stackName }) => stackName],
  ['AWS::URLSuffix', () => 'amazonaws.com'],
])

/** What takes the property away that has it. */
export const NO_VALUE = 'AWS::NoValue'

export function isPseudoParameter(name: string): boolean {
  return VALUES.has(name) || name === NO_VALUE
}

/** Its value; undefined where there is no such pseudo parameter. */
export function pseudoParameter(name: string, around: Surroundings): Value | undefined {
  return VALUES.get(name)?.(around)
}
