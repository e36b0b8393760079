import { aliasArn, keyArn, parseArn } from '../../../domain/arn.ts'
import { crossesAccounts } from '../../../domain/cross-account.ts'
import { isKeyId } from '../../../domain/key-id.ts'
import { PARTITION } from '../../../domain/region.ts'
import { denyForeign } from '../../../kernel/access/denial.ts'
import { common, type PrivateReason } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { Reads } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { errors } from '../errors.ts'

/** Which ways of naming a key an operation takes. */
interface Naming {
  readonly action: string
  readonly aliases: boolean
}

type Find = (keyId: string, call: Call, reads: Reads) => Promise<KeySnapshot> | KeySnapshot

/** Finds keys for a cryptographic operation: by id, ARN or alias. */
export function findKeyToUse(action: string): Find {
  return (keyId, call, reads) => find(keyId, call, reads, { action, aliases: true })
}

/** Finds keys for an operation that manages them: by id or ARN. */
export function findKeyToManage(action: string): Find {
  return (keyId, call, reads) => find(keyId, call, reads, { action, aliases: false })
}

/** The alias by which a request names its key, with its prefix; null where it names it otherwise. */
export function aliasIn(keyId: string): string | null {
  const name = keyId.startsWith('arn:') ? (parseArn(keyId)?.resource ?? '') : keyId
  return name.startsWith('alias/') ? name : null
}

function find(keyId: string, call: Call, reads: Reads, naming: Naming) {
  const { account, resource } = placeOf(keyId, call)
  const isForeign = account !== call.caller.account
  if (isForeign && !crossesAccounts(naming.action))
    throw denyForeign(naming, call, neverCrosses(naming.action, keyId, account))
  const isAlias = resource.startsWith('alias/')
  if (isAlias && !naming.aliases) {
    throw errors.InvalidArnException('Key Aliases are not supported for this operation.')
  }
  if (!isAlias && !isKeyId(resource)) throw errors.NotFoundException(`Invalid keyId '${resource}'`)
  const found = isAlias ? reads.keyByAlias(account, resource) : reads.key(account, resource)
  const present = (key: KeySnapshot | null) => {
    if (key !== null) return key
    if (isForeign) throw denyForeign(naming, call, noForeignKey(naming.action, keyId, account, call))
    if (isAlias) throw errors.NotFoundException(`Alias ${aliasArn(call.region, account, resource)} is not found.`)
    throw errors.NotFoundException(`Key '${keyArn(call.region, account, resource)}' does not exist`)
  }
  return found instanceof Promise ? found.then(present) : present(found)
}

function neverCrosses(action: string, keyId: string, owner: string): PrivateReason {
  return {
    why: `${action} is for the key's own account, ${owner}: no policy and no grant gives it to another account.`,
    remedy: `Ask with credentials of account ${owner}; its role that trusts the caller would do.`,
    resource: keyId,
    owner,
  }
}

function noForeignKey(action: string, keyId: string, owner: string, { region }: Call): PrivateReason {
  const isAlias = aliasIn(keyId) !== null
  return {
    why: `Account ${owner} has no ${isAlias ? 'alias' : 'key'} ${keyId} in ${region}.`,
    remedy: 'Look whether the account, the Region and the id are right: an id that begins with mrk- may be elsewhere.',
    resource: keyId,
    owner,
    toCaller: { action, arn: isAlias ? null : keyId, owner },
  }
}

/** Whose resource is named: a bare id or alias is the caller's. */
function placeOf(keyId: string, call: Call): { account: string; resource: string } {
  if (!keyId.startsWith('arn:')) return { account: call.caller.account, resource: keyId }
  const arn = parseArn(keyId)
  if (arn === null || arn.partition !== PARTITION || arn.service !== 'kms' || !/^(key|alias)\/./.test(arn.resource)) {
    throw errors.NotFoundException(`Invalid arn ${keyId}`)
  }
  if (arn.region !== call.region) throw errors.NotFoundException(`Invalid arn ${arn.region}`)
  return { account: arn.account, resource: arn.resource.replace(/^key\//, '') }
}

/** Finds the key that shall get an alias. */
export async function findAliasTarget(keyId: string, action: string, call: Call, reads: Reads): Promise<KeySnapshot> {
  if (aliasIn(keyId) !== null) throw common.ValidationException('Aliases must refer to keys. Not aliases')
  return findKeyToManage(action)(keyId, call, reads)
}
