import type { X509Certificate } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { GlobalReads } from '../storage/global-store.ts'
import type { Refusal } from './decide.ts'
import type { Identities } from './identities.ts'
import { accountOfPrincipal, principalId } from './principal-id.ts'
import type { People } from './reads.ts'
import { roleTrusting } from './service-role.ts'

/** How many refusals can be asked about. */
const REFUSALS = 1000

/** What is known of callers and principals, and of what was refused them lately. */
export interface KnownPeople extends People {
  /** The refusal of a request, while it is remembered. */
  refusal(requestId: string): Refusal | null
}

/** @param onRefusal says whether what policies refuse is refused */
export function createPeople(
  reads: GlobalReads,
  identities: Identities,
  onRefusal: (refusal: Refusal) => boolean,
  attestationRoots: readonly X509Certificate[],
): KnownPeople {
  const refusals = new LRUCache<string, Refusal>({ max: REFUSALS })
  return {
    attestationRoots,
    principalId: (arn) => principalId(reads, arn),
    accountOfPrincipal: (id) => accountOfPrincipal(reads, id),
    roleTrusting: (arn, service) => roleTrusting(reads, arn, service),
    refusal: (requestId) => refusals.get(requestId) ?? null,
    authority: {
      organization: (account) => identities.organization(account),
      refuse(refusal) {
        refusals.set(refusal.call.requestId, refusal)
        return onRefusal(refusal)
      },
    },
  }
}
