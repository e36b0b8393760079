import { nearest } from '../../policy/vocabulary/nearest.ts'
import { conditionKeyNames, isConditionKey } from '../../policy/vocabulary/vocabulary.ts'
import { InspectionError, meant } from './inspection-error.ts'

/** @throws InspectionError for a name that is no condition key: it would say nothing, and nobody would see that */
export function requireConditionKeys(context: Readonly<Record<string, unknown>>): void {
  const key = Object.keys(context).find((name) => !isConditionKey(name))
  if (key === undefined) return
  throw new InspectionError(`"${key}" is no condition key.${meant(nearest(key, conditionKeyNames()))}`)
}
