import { parseArn } from '../../domain/arn.ts'
import type { Region } from '../../domain/region.ts'
import type { Caller } from '../../kernel/caller.ts'
import { accountOf } from '../../kernel/condition-keys.ts'
import type { Refusal } from '../../kernel/decide.ts'
import { explain } from '../../kernel/explain.ts'
import type { GlobalHost } from '../../kernel/global-host.ts'
import type { Identities } from '../../kernel/identities.ts'
import type { Invoker } from '../../kernel/invoke.ts'
import type { Call, Need } from '../../kernel/operation.ts'
import type { KnownPeople } from '../../kernel/people.ts'
import { familyTable } from './family-table.ts'
import { InspectionError } from './inspection-error.ts'
import { troublesOf } from './key-troubles.ts'
import type { OpenRegion } from '../open-region.ts'
import type { Regions } from '../regions.ts'
import { AWS_SERVICES } from '../services.ts'
import { answer, type Answered, type Hypothesis } from './hypothesis.ts'
import type { KeySnapshot } from '../../kernel/key-snapshot.ts'
import { createPolicyReview, type PolicyReview } from './policy-review.ts'
import type { PlacedKey } from './subjects.ts'
import { whoCan, type WhoCanPage, type WhoCanQuestion } from './who-can.ts'

/** Answers who may do what, and why, to whoever runs the server. */
export interface Inspector {
  /** @throws InspectionError where the refusal is not remembered */
  refusal(requestId: string): Promise<string>
  /** What the account whose resource was asked for may see of it; null where there is none. */
  refusalFor(requestId: string, account: string): Promise<string | null>
  /** What would become of a request. */
  hypothesis(asked: Hypothesis): Promise<HypothesisAnswer>
  /** Who may do what with a key and every key that is related to it: a page of principals. */
  whoCan(asked: WhoCanQuestion): Promise<WhoCanPage>
  readonly review: PolicyReview
  /** Related keys side by side, with what differs between them. */
  family(key: string): Promise<string>
}

/** The request of a question that is asked at a terminal. */
const BY_HAND = { sourceIp: '127.0.0.1', userAgent: 'keyspan', secure: true, requestId: 'none' }

/** What a hypothesis is answered with. */
export interface HypothesisAnswer {
  readonly allowed: boolean
  /** The code of the error with which it would be refused before its permissions are asked; null where it is not. */
  readonly refusal: string | null
  readonly text: string
}

/** What an inspector looks at. */
export interface InspectorSources {
  readonly regions: Regions
  readonly global: GlobalHost
  readonly identities: Identities
  readonly people: KnownPeople
  readonly invoker: Pick<Invoker, 'consult'>
  /** The directory of the audit logs. */
  readonly audits: string
  readonly now: () => number
}

/** An inspector over what this process serves. */
export function createInspector(sources: InspectorSources): Inspector {
  const { regions, global, identities, people, invoker, audits, now } = sources
  const { reads } = global.store
  const callAs = (caller: Caller, region: Region): Call => ({ ...BY_HAND, now: now(), region, caller })

  return {
    review: createPolicyReview({ regions, global, identities, people, callAs, audits, now }),
    async refusal(requestId) {
      const refusal = people.refusal(requestId)
      if (refusal === null) throw forgotten(requestId)
      return explainRefusal(regions, refusal, null)
    },
    async refusalFor(requestId, account) {
      const refusal = people.refusal(requestId)
      if (refusal === null) return null
      const owner = accountOf(refusal.need.on) ?? refusal.call.caller.account
      return owner === account ? explainRefusal(regions, refusal, account) : null
    },
    async hypothesis(asked) {
      const answered = await answer(asked, { regions, reads, identities, services: AWS_SERVICES, invoker, callAs })
      return explainAnswer(regions, answered)
    },
    async whoCan(asked) {
      const related = await relatedKeys(regions, asked.key)
      const context = contextKeys(asked.context)
      return whoCan(related, { ...asked, context }, { reads, identities, authority: people.authority, callAs })
    },
    async family(key) {
      const related = await relatedKeys(regions, key)
      return [familyTable(related), ...(await troublesOf(regions, related))].join('\n')
    },
  }
}

async function explainRefusal(regions: Iterable<OpenRegion>, refusal: Refusal, reader: string | null): Promise<string> {
  const { on } = refusal.need
  const isOnKey = typeof on !== 'string' && 'record' in on
  const related = isOnKey ? await findRelated(regions, on.arn) : []
  const { caller, region } = refusal.call
  return explain({ ...refusal, caller, related: related.map(({ snapshot }) => snapshot), calledIn: region, reader })
}

/** Each permission that a request needs, and what becomes of it. */
async function explainAnswer(
  regions: Iterable<OpenRegion>,
  { operation, call, legs, refusal, assumed }: Answered,
): Promise<HypothesisAnswer> {
  if (refusal !== null) {
    const head = `REFUSED  ${operation} for ${call.caller.arn} in ${call.region}`
    return { allowed: false, refusal: refusal.code, text: `${head}\n\n${refusal.code}: ${refusal.message}` }
  }
  const texts: string[] = []
  for (const { need, question } of legs) texts.push(await explainRefusal(regions, { need, question, call }, null))
  const made = assumed.length === 0 ? [] : [`Asked with ${assumed.join(', ')}; --input asks otherwise.`]
  const none = legs.length === 0 ? [`ALLOWED  ${operation} needs no permission.`] : []
  const text = [...texts, ...none, ...made].join('\n\n')
  return { allowed: legs.every(({ decision }) => decision.allowed), refusal: null, text }
}

function forgotten(requestId: string): InspectionError {
  return new InspectionError(
    `No refusal of request ${requestId} is remembered. The last 1,000 are, until the server stops; the id is in ` +
      'the header x-keyspan-explain of the refusal.',
  )
}

/** `kms:EncryptionContext:k` may be given as it is, and brings `kms:EncryptionContextKeys` along. */
function contextKeys(context: Need['context']): Need['context'] {
  const prefix = 'kms:EncryptionContext:'
  const keys = Object.keys(context).filter((name) => name.startsWith(prefix))
  const names = keys.map((name) => name.slice(prefix.length))
  return { ...context, ...(names.length > 0 && { 'kms:EncryptionContextKeys': names }) }
}

/** The keys of this server that are related to a key, itself among them: itself alone, where it is single-Region. */
async function relatedKeys(regions: Iterable<OpenRegion>, key: string): Promise<readonly PlacedKey<KeySnapshot>[]> {
  const present = await findRelated(regions, key)
  if (present.length === 0) throw new InspectionError(`${key} does not exist in any Region of this server.`)
  return present
}

async function findRelated(regions: Iterable<OpenRegion>, key: string): Promise<readonly PlacedKey<KeySnapshot>[]> {
  const arn = parseArn(key)
  const [, id] = /^key\/(.+)$/.exec(arn?.resource ?? '') ?? []
  if (arn === null || id === undefined) throw new InspectionError(`"${key}" is not the ARN of a key.`)
  const hosts = [...regions].filter(({ region }) => id.startsWith('mrk-') || region === arn.region)
  const found = await Promise.all(
    hosts.map(async ({ region, keys, store }) => ({
      region,
      reads: store.reads,
      snapshot: await keys.key(arn.account, id),
    })),
  )
  return found.flatMap(({ snapshot, ...place }) => (snapshot === null ? [] : [{ ...place, snapshot }]))
}
