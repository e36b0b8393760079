import type { ManagedPolicy } from '../../domain/identity.ts'
import { errors } from './errors.ts'

/**
 * One version of a managed policy.
 *
 * @throws NoSuchEntity
 */
export function existingVersion(policy: ManagedPolicy, arn: string, id: string): ManagedPolicy['versions'][number] {
  const version = policy.versions.find((each) => each.id === id)
  if (version === undefined)
    throw errors.NoSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`)
  return version
}
