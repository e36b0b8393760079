import type { Region } from '../../domain/region.ts'
import type { Caller } from '../../kernel/identities/caller.ts'
import type { Explained } from '../../kernel/explain/explained.ts'
import type { GlobalHost } from '../../kernel/global-host.ts'
import type { Identities } from '../../kernel/identities/identities.ts'
import type { Invoker } from '../../kernel/invoke.ts'
import { accountOf } from '../../kernel/access/condition-keys.ts'
import type { PrivateReason, WireError } from '../../kernel/errors.ts'
import { encryptionContextIn } from '../../kernel/access/matching-grants.ts'
import type { Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { RemoteRegions } from '../../kernel/reads.ts'
import type { KnownPeople } from '../../kernel/people.ts'
import type { RefusalFilter, RefusalHead } from '../../storage/refusals.ts'
import { explainLegs, explainOther, toCallerOf, type ExplainingSources } from './explain-refusal.ts'
import { InspectionError } from './inspection-error.ts'
import { relatedElsewhere, keyFamily, type FamilyAnswer, type FamilyElsewhere } from './family/family.ts'
import type { RefusalMemory } from './refusal-memory.ts'
import { relatedKeys } from './family/related-keys.ts'
import type { Regions } from '../regions/regions.ts'
import type { ReplicationLoop } from '../regions/replication-loop.ts'
import { AWS_SERVICES } from '../services.ts'
import { answer, type Answered, type Hypothesis } from './hypothesis.ts'
import { accountIds } from '../data/accounts.ts'
import { usageOf, type Usage } from './usage.ts'
import { createPolicyReview, type PolicyReview } from './policy-review.ts'
import { whoCan, type WhoCanPage, type WhoCanQuestion } from './who-can.ts'

/** Answers who may do what, and why, to whoever runs the server. */
export interface Inspector {
  /**
   * Why a request was refused.
   *
   * @throws InspectionError where that is not remembered
   */
  refusal(requestId: string): Promise<Explained>
  /** What the newest refusals were. */
  refusals(asked: RefusalFilter): Promise<readonly RefusalHead[]>
  /**
   * What would become of a request.
   *
   * @param reader the account that asks about itself: a request on what is another's is no question then
   */
  hypothesis(asked: Hypothesis, reader?: string | null): Promise<HypothesisAnswer>
  /** Who may do what with a key and every key that is related to it: a page of principals. */
  whoCan(asked: WhoCanQuestion): Promise<WhoCanPage>
  readonly review: PolicyReview
  /** Related keys side by side, with what differs between them and what waits for what. */
  family(key: string, withDrifts: boolean): Promise<FamilyAnswer>
  /** What every account has, and has done in so many days. */
  usage(days: number): Promise<Usage>
}

/** The request of a question that is asked at a terminal. */
const BY_HAND = { sourceIp: '127.0.0.1', userAgent: 'keyspan', secure: true, requestId: 'none' }

/** What a hypothesis is answered with. */
export interface HypothesisAnswer {
  readonly allowed: boolean
  /** The code of the error with which it would be refused before its permissions are asked; null where it is not. */
  readonly refusal: string | null
  /** Members that were made up and of which conditions may tell. */
  readonly assumed: readonly string[]
  readonly explained: Explained
}

/** What an inspector looks at. */
export interface InspectorSources {
  readonly regions: Regions
  readonly global: GlobalHost
  readonly identities: Identities
  readonly people: KnownPeople
  readonly memory: RefusalMemory
  readonly invoker: Pick<Invoker, 'consult'>
  /** The directory of the audit logs. */
  readonly audits: string
  readonly now: () => number
  readonly loop: Pick<ReplicationLoop, 'lines' | 'driverOf'>
  /** Null where all Regions are here. */
  readonly remote: RemoteRegions | null
}

function lookAround({ regions, loop, remote }: InspectorSources): FamilyElsewhere {
  return {
    regions: regions.elsewhere,
    keyIn: async (region, account, keyId) => remote?.keyIn(region, account, keyId),
    isHeard: loop.lines.isHeard,
    followed: async (from, to) => (await loop.driverOf(from)).followedBy(to),
  }
}

/** An inspector over what this process serves. */
export function createInspector(sources: InspectorSources): Inspector {
  const { regions, global, identities, people, memory, invoker, audits, now } = sources
  const elsewhere = lookAround(sources)
  const { reads } = global.store
  const callAs = (caller: Caller, region: Region): Call => ({ ...BY_HAND, now: now(), region, caller })

  return {
    review: createPolicyReview({ regions, global, identities, people, callAs, audits, now }),
    async refusal(requestId) {
      const told = await memory.explanationFor(requestId, null)
      if (told === null) throw forgotten(requestId)
      return told
    },
    refusals: (asked) => memory.newest(asked),
    async hypothesis(asked, reader = null) {
      const answered = await answer(asked, { regions, reads, identities, services: AWS_SERVICES, invoker, callAs })
      return explainAnswer({ regions, people }, answered, reader)
    },
    async whoCan(asked) {
      const related = await relatedKeys(regions, asked.key, regions.elsewhere())
      const unseen = await unseenOf(related, elsewhere)
      const context = contextKeys(asked.context)
      return whoCan(related, unseen, { ...asked, context }, { reads, identities, authority: people.authority, callAs })
    },
    family: (key, withDrifts) => keyFamily(regions, key, withDrifts, elsewhere),
    async usage(days) {
      const accounts: string[] = []
      for await (const id of accountIds(reads)) accounts.push(id)
      return usageOf(regions, accounts, { audits, now: now() }, days)
    },
  }
}

/** The Regions of other servers in which a key is as well, or may be. */
async function unseenOf(
  [one]: Awaited<ReturnType<typeof relatedKeys>>,
  elsewhere: FamilyElsewhere,
): Promise<readonly Region[]> {
  if (one === undefined || one.snapshot.record.family === null) return []
  const { account, id } = one.snapshot.record
  const { found, unreachable } = await relatedElsewhere(elsewhere, account, id)
  return [...found.map(({ region }) => region), ...unreachable]
}

/** Each permission that a request needs, and what becomes of it. */
async function explainAnswer(
  sources: ExplainingSources,
  { operation, call, legs, refusal, assumed }: Answered,
  reader: string | null,
): Promise<HypothesisAnswer> {
  if (refusal !== null) {
    const because = refusal.because !== null && 'why' in refusal.because ? refusal.because : null
    const toCaller =
      because === null || reader === null ? null : toCallerOf({ operation, call }, because, sources.people.authority)
    const explained = (await toCaller) ?? explainBefore({ operation, call }, refusal, because)
    return { allowed: false, refusal: refusal.code, assumed, explained }
  }
  const foreign = legs.find(({ need: { on } }) => reader !== null && (accountOf(on) ?? reader) !== reader)
  if (foreign !== undefined) {
    throw new InspectionError(`That is asked of another account. Account ${reader} can ask about what is its own.`)
  }
  const none = legs.length === 0 ? [`ALLOWED  ${operation} needs no permission.`] : []
  const made = assumed.length === 0 ? [] : [`Asked with ${assumed.join(', ')}; --input asks otherwise.`]
  const asked = legs.map(({ need, question }) => ({ call, need, question, others: [] }))
  const notes = reader === null ? [...none, ...made] : none
  const explained = await explainLegs(asked, reader, sources, notes)
  return { allowed: explained.allowed, refusal: null, assumed, explained }
}

/** Why a request would be refused before its permissions are asked. */
function explainBefore(
  asked: Pick<Answered, 'operation' | 'call'>,
  { code, message }: WireError,
  because: PrivateReason | null,
): Explained {
  const said = `${code}: ${message}`
  const reason = because === null ? { why: said, remedy: '' } : { ...because, why: `${said}\n${because.why}` }
  return explainOther(asked, reason, because?.resource ?? null)
}

function forgotten(requestId: string): InspectionError {
  return new InspectionError(
    `No refusal of request ${requestId} is remembered. Each account's last 1,000 are, for seven days; the id is in the ` +
      'header x-keyspan-explain of the refusal, and keyspan explain without an id lists the newest.',
  )
}

/** `kms:EncryptionContext:k` may be given as it is, and brings `kms:EncryptionContextKeys` along. */
function contextKeys(context: Need['context']): Need['context'] {
  const names = Object.keys(encryptionContextIn(context))
  return { ...context, ...(names.length > 0 && { 'kms:EncryptionContextKeys': names }) }
}
