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

/** The accounts of a seed, with whom clients can stand for. */
export function accountsOf({ Accounts }: FilledSeed, region: string): readonly SeededAccount[] {
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

function credentialsOf(keys: AccessKeys): NewAccessKey {
  const [key] = keys.filter(({ Status = 'Active' }) => Status === 'Active')
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' }
}
