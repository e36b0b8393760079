import { rootArn } from '../../domain/arn.ts'
import type { Hidden } from '../../policy/explain/explanation.ts'
import type { PolicySource } from '../../policy/layers.ts'
import type { RemedyFacts } from '../../policy/remedy/option.ts'
import type { Caller } from '../identities/caller.ts'
import { isOfRequest } from '../access/open-question.ts'
import type { KeyFacts, Need } from '../access/need.ts'
import { whyNever } from './never-here.ts'

/** What remedies for one permission depend on. */
export function remedyFacts(
  { action, on, region }: Need,
  caller: Caller,
  related: readonly KeyFacts[],
  hidden: Hidden,
): RemedyFacts {
  const names = namesOf(caller)
  const principals = principalsOf(on)
  const elsewhere = related.filter(({ record }) => record.region !== region)
  return {
    principal: principalOf(caller),
    account: caller.type === 'service' || caller.type === 'root' ? null : rootArn(caller.account),
    resolve: (name) => names.get(name) ?? principals[name] ?? name,
    hasNamesake: [...names].some(([name, id]) => (principals[name] ?? id) !== id),
    isOfRequest: (key) => isOfRequest(action, key),
    whyNever,
    sharedBy,
    elsewhere: hidden.layers.includes('resource')
      ? []
      : elsewhere.map(({ policy, record }) => ({ policy, name: `the key policy in ${record.region}` })),
    hidden,
  }
}

/** How the policy of a resource names a caller: of a session, its role. */
export function principalOf({ type, arn, keys }: Caller): string {
  return type === 'user' || type === 'role' ? String(keys['aws:PrincipalArn'] ?? arn) : arn
}

/** The unique ids of a caller by the names that it has now. */
export function namesOf(caller: Caller): ReadonlyMap<string, string> {
  const { arn, forms, keys } = caller
  const named = forms.map(({ kind, id }): [string, string] => {
    return [kind === 'user' || kind === 'role' ? String(keys['aws:PrincipalArn'] ?? arn) : arn, id]
  })
  // A federated user's session has an ARN of its own, and its user is not told by its keys.
  return new Map(caller.type === 'federated' ? named.filter(([name, id]) => name === id) : named)
}

/** The unique ids that the policy of a resource means by its names. */
export function principalsOf(on: Need['on']): Readonly<Record<string, string>> {
  if (typeof on === 'string') return {}
  return 'record' in on ? on.record.principals : on.principals
}

function sharedBy({ arn, name, place }: PolicySource): string | null {
  if (place?.of?.startsWith('group ') === true) return `for everybody in ${place.of}`
  return arn === undefined ? null : `for whoever else has ${name ?? arn}`
}
