import { rootArn, keyArn } from '../domain/arn.ts'
import { roleArn, userArn } from '../domain/identity-arn.ts'
import { nearest } from '../server/seed/nearest.ts'
import type { FilledSeed } from '../server/seed/fill.ts'
import { KeyspanError } from './keyspan-error.ts'
import type { KeyspanAccount, KeyspanCredentials } from './public.ts'

type AccessKeys = FilledSeed['Accounts'][number]['AccessKeys']

/** The accounts of a seed, with whom clients can stand for. */
export function accountsOf({ Accounts }: FilledSeed, region: string): readonly KeyspanAccount[] {
  return Accounts.map(({ AccountId: id, AccessKeys, Users, Roles = [], Keys }) => ({
    id,
    credentials: credentialsOf(AccessKeys),
    users: Users.map(({ UserName: name, Path: path = '/', AccessKeys: keys }) => ({
      name,
      arn: userArn(id, { path, name }),
      credentials: credentialsOf(keys),
    })),
    roles: Roles.map(({ RoleName: name, Path: path = '/' }) => ({ name, arn: roleArn(id, { path, name }) })),
    keys: Keys.map(({ KeyId, Region = region }) => ({ id: KeyId, arn: keyArn(Region, id, KeyId), region: Region })),
  }))
}

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
  const hint = meant === null ? `There are ${[...people.keys()].join(', ')}.` : `Did you mean "${meant}"?`
  throw new KeyspanError(`The seed has no "${name}" whom a client could stand for. ${hint}`)
}

function credentialsOf(keys: AccessKeys): KeyspanCredentials {
  const [key] = keys.filter(({ Status = 'Active' }) => Status === 'Active')
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' }
}
