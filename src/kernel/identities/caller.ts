import { rootArn } from '../../domain/arn.ts'
import type { Region } from '../../domain/region.ts'
import type { CallerOrigin, Session } from '../../domain/session.ts'
import type { Tag } from '../../domain/tags.ts'
import type { PolicyCaller, PolicyLayers } from '../../policy/authorize.ts'
import type { ConditionValue } from '../../policy/context.ts'

/** What of a session counts where another is begun from it, or where not every session is served. */
export interface CallerSession {
  readonly kind: Session['kind']
  /** They go on into every session that is begun from it. */
  readonly transitiveTags: readonly Tag[]
  /** Once set it stays the same, in every session that is begun from it. */
  readonly sourceIdentity: string | null
}

/** Who asks: the principal behind a verified signature, with the policies of its own side. */
export interface Caller extends PolicyCaller {
  readonly account: string
  /** The opt-in Regions that its account has enabled. */
  readonly optedIn: readonly Region[]
  /** As refusals print it. */
  readonly arn: string
  readonly accessKeyId: string
  /** Its own policies and those of its organization. Absent layers limit nothing. */
  readonly layers: Pick<PolicyLayers, 'identity' | 'boundary' | 'session' | 'scp'>
  /** The condition keys that follow from who it is. */
  readonly keys: Readonly<Record<string, ConditionValue>>
  /** The temporary credentials that it comes with; null for long-term ones. */
  readonly session: CallerSession | null
  /** What it was made from. */
  readonly origin: CallerOrigin
  /** `userIdentity` of its records, beside account and access key. */
  readonly record: {
    readonly type: 'Root' | 'IAMUser' | 'AssumedRole' | 'FederatedUser'
    readonly principalId: string
    readonly userName?: string
    readonly sessionContext?: Readonly<Record<string, unknown>>
  }
}

/** The root user of an account, by one of its access keys. */
export function rootCaller(account: string, accessKeyId: string, layers: Pick<PolicyLayers, 'scp'> = {}): Caller {
  const arn = rootArn(account)
  return {
    type: 'root',
    account,
    optedIn: [],
    arn,
    accessKeyId,
    forms: [],
    hasBoundary: false,
    layers,
    keys: {
      'aws:PrincipalAccount': account,
      'aws:PrincipalArn': arn,
      'aws:PrincipalType': 'Account',
      'aws:userid': account,
    },
    session: null,
    origin: { account, accessKeyId, owner: null, session: null },
    record: { type: 'Root', principalId: account },
  }
}
