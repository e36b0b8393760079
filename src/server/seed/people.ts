import { keyArn } from '../../domain/arn.ts'
import { roleArn, userArn } from '../../domain/identity-arn.ts'
import type { NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { FilledSeed } from './fill.ts'

/** An account of a seed, as programs that use it need it. */
export interface SeededAccount {
  readonly id: string
  /** Those of its root user. */
  readonly credentials: NewAccessKey
  readonly users: readonly { readonly name: string; readonly arn: string; readonly credentials: NewAccessKey }[]
  readonly roles: readonly { readonly name: string; readonly arn: string }[]
  readonly keys: readonly { readonly id: string; readonly arn: string; readonly region: string }[]
}

type AccessKeys = FilledSeed['Accounts'][number]['AccessKeys']

/**
 * The accounts of a seed, with whom clients can stand for.
 *
 * @param region where a key is whose Region is not said
 * @param rootKey the access key that the root user of the first account signs with; null for one of the seed's
 */
export function accountsOf(
  { Accounts }: FilledSeed,
  region: string,
  rootKey: NewAccessKey | null,
): readonly SeededAccount[] {
  return Accounts.map(({ AccountId: id, AccessKeys, Users, Roles = [], Keys }, index) => ({
    id,
    credentials: index === 0 && rootKey !== null ? rootKey : credentialsOf(AccessKeys),
    users: Users.map(({ UserName: name, Path: path = '/', AccessKeys: keys }) => ({
      name,
      arn: userArn(id, { path, name }),
      credentials: credentialsOf(keys),
    })),
    roles: Roles.map(({ RoleName: name, Path: path = '/' }) => ({ name, arn: roleArn(id, { path, name }) })),
    keys: Keys.map(({ KeyId, Region = region }) => ({ id: KeyId, arn: keyArn(Region, id, KeyId), region: Region })),
  }))
}

/** An active one; where there is none an inactive one, with which the server refuses whoever signs. */
function credentialsOf(keys: AccessKeys): NewAccessKey {
  const key = keys.find(({ Status = 'Active' }) => Status === 'Active') ?? keys[0]
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' }
}
