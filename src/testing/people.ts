import { rootArn } from '../domain/arn.ts'
import { nearest } from '../policy/vocabulary/nearest.ts'
import { KeyspanError } from './keyspan-error.ts'
import type { KeyspanAccount, KeyspanCredentials } from './public.ts'

/** Whom a client stands for: somebody whose access key is known, or a role. */
export type Somebody = { readonly credentials: KeyspanCredentials } | { readonly role: string }

/**
 * Finds whom `as` means.
 *
 * @throws KeyspanError where it is nobody, or more than one
 */
export function somebody(as: string | undefined, accounts: readonly KeyspanAccount[]): Somebody {
  const people = new Map<string, { readonly arn: string; readonly who: Somebody }[]>()
  const add = (name: string, arn: string, who: Somebody): void => {
    for (const each of [name, arn]) people.set(each, [...(people.get(each) ?? []), { arn, who }])
  }
  for (const { id, credentials, users, roles } of accounts) {
    add(id, rootArn(id), { credentials })
    for (const { name, arn, credentials: own } of users) add(name, arn, { credentials: own })
    for (const { name, arn } of roles) add(name, arn, { role: arn })
  }
  const name = as ?? accounts[0]?.id ?? ''
  const found = people.get(name) ?? []
  const [first, second] = found
  if (first !== undefined && second === undefined) return first.who
  // A role that was made since the server has begun.
  if (first === undefined && /^arn:aws:iam::\d{12}:role\//.test(name)) return { role: name }
  if (first !== undefined) {
    throw new KeyspanError(`"${name}" is more than one: ${found.map(({ arn }) => arn).join(', ')}. Give an ARN.`)
  }
  const meant = nearest(name, people.keys())
  const hint = meant === undefined ? `There are ${[...people.keys()].join(', ')}.` : `Did you mean "${meant}"?`
  throw new KeyspanError(`The seed has no "${name}" whom a client could stand for. ${hint}`)
}
