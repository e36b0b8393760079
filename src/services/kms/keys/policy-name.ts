import { errors } from '../errors.ts'

/** A key has exactly one policy, and this is its name. */
export const DEFAULT_POLICY_NAME = 'default'

/** Refuses the name of a policy that no key has. */
export function requirePolicyName(name: string): void {
  if (name !== DEFAULT_POLICY_NAME) throw errors.NotFoundException('No such policy exists')
}
