import type { X509Certificate } from 'node:crypto'
import type { GlobalReads } from '../storage/global-store.ts'
import type { Authority } from './access/decide.ts'
import type { Refusal } from './access/need.ts'
import type { Identities } from './identities/identities.ts'
import { principalFate, whyNoPrincipal } from './identities/principal-fate.ts'
import { accountOfPrincipal, principalId } from './identities/principal-id.ts'
import type { People } from './reads.ts'
import type { RefusedCall } from './refused-call.ts'
import { roleTrusting } from './identities/service-role.ts'

/** How refusals are dealt with. */
export interface RefusalRules {
  /** Says whether what policies refuse is refused. */
  readonly isEnforced: (refusal: Refusal) => boolean
  /** Keeps a refusal for whoever asks why. It costs next to nothing, and never fails. */
  readonly remember: (refused: RefusedCall) => void
  readonly decided?: Authority['decided']
}

/** What is known of callers and principals, and where refusals go. */
export interface KnownPeople extends People {
  readonly remember: RefusalRules['remember']
}

export function createPeople(
  reads: GlobalReads,
  identities: Identities,
  { isEnforced, remember, decided }: RefusalRules,
  attestationRoots: readonly X509Certificate[],
): KnownPeople {
  return {
    attestationRoots,
    remember,
    principalId: (arn) => principalId(reads, arn),
    principalFate: (id) => principalFate(reads, id),
    whyNoPrincipal: (principal, call) => whyNoPrincipal(reads, principal, 'in a policy', call),
    accountOfPrincipal: (id) => accountOfPrincipal(reads, id),
    roleTrusting: (arn, service) => roleTrusting(reads, arn, service),
    authority: {
      ...(decided !== undefined && { decided }),
      organization: (account) => identities.organization(account),
      refuse(refusal) {
        if (isEnforced(refusal)) return true
        const { call, need } = refusal
        remember({ call, operation: need.action, named: [], code: null, message: null, because: refusal })
        return false
      },
    },
  }
}
