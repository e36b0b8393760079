import { keyArn, rootArn } from '../../../domain/arn.ts'
import type { Grant } from '../../../domain/grant.ts'
import type { Region } from '../../../domain/region.ts'
import type { Reads } from '../../../kernel/operation.ts'
import { showGrantPrincipal } from './grant-principal.ts'

/** A grant as `GrantListEntry` of AWS's API tells of it: a grant without a name has an empty one. */
export async function grantEntry(grant: Grant, region: Region, reads: Pick<Reads, 'principalId'>) {
  const { constraints, retiring } = grant
  return {
    KeyId: keyArn(region, grant.account, grant.keyId),
    GrantId: grant.id,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.createdAt),
    GranteePrincipal: await showGrantPrincipal(grant.grantee, reads),
    RetiringPrincipal: retiring === null ? undefined : await showGrantPrincipal(retiring, reads),
    IssuingAccount: rootArn(grant.issuingAccount),
    Operations: grant.operations,
    Constraints: constraints === null ? undefined : { [constraints.type]: constraints.pairs },
  }
}
