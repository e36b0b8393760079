import { parseArn } from '../../domain/arn.ts'
import type { Region } from '../../domain/region.ts'
import type { Caller } from '../../kernel/caller.ts'
import { accountOf } from '../../kernel/condition-keys.ts'
import { frame, type Refusal } from '../../kernel/decide.ts'
import { explain } from '../../kernel/explain.ts'
import type { GlobalHost } from '../../kernel/global-host.ts'
import type { Identities } from '../../kernel/identities.ts'
import { need, type Call, type Need } from '../../kernel/operation.ts'
import type { KnownPeople } from '../../kernel/people.ts'
import { familyTable } from './family-table.ts'
import { InspectionError } from './inspection-error.ts'
import { troublesOf } from './key-troubles.ts'
import type { OpenRegion } from '../open-region.ts'
import type { KeySnapshot } from '../../kernel/key-snapshot.ts'
import { createPolicyReview, type PolicyReview } from './policy-review.ts'
import type { PlacedKey } from './subjects.ts'
import { whoCan, type WhoCanPage, type WhoCanQuestion } from './who-can.ts'

/** A question that somebody asks without doing anything. */
export interface Hypothesis {
  /** The ARN of a root user, user or role. */
  readonly as: string
  readonly action: string
  /** The ARN of a key, or `*`. */
  readonly key: string
  readonly region: string
  /** Encryption context and other condition keys, by name. */
  readonly context: Readonly<Record<string, string>>
}

/** Answers who may do what, and why, to whoever runs the server. */
export interface Inspector {
  /** @throws InspectionError where the refusal is not remembered */
  refusal(requestId: string): Promise<string>
  /** What the account whose resource was asked for may see of it; null where there is none. */
  refusalFor(requestId: string, account: string): Promise<string | null>
  hypothesis(asked: Hypothesis): Promise<string>
  /** Who may do what with a key and every key that is related to it: a page of principals. */
  whoCan(asked: WhoCanQuestion): Promise<WhoCanPage>
  readonly review: PolicyReview
  /** Related keys side by side, with what differs between them. */
  family(key: string): Promise<string>
}

/** The request of a question that is asked at a terminal. */
const BY_HAND = { sourceIp: '127.0.0.1', userAgent: 'keyspan', secure: true, requestId: 'none' }

/** An inspector over what this process serves. */
export function createInspector(
  regions: Iterable<OpenRegion>,
  global: GlobalHost,
  identities: Identities,
  people: KnownPeople,
  audits: string,
  now: () => number,
): Inspector {
  const callAs = (caller: Caller, region: Region): Call => ({ ...BY_HAND, now: now(), region, caller })

  async function callerNamed(arn: string): Promise<Caller> {
    const caller = await identities.callerNamed(arn)
    if (caller === null) {
      throw new InspectionError(`${arn} is no root user, user or role of this server. Give the ARN of one.`)
    }
    return caller
  }

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
    async hypothesis({ as, action, key, region, context }) {
      const caller = await callerNamed(as)
      const related = key === '*' ? [] : await relatedKeys(regions, key)
      const here = related.find((each) => each.region === region)
      if (key !== '*' && here === undefined) throw new InspectionError(`${key} has no related key in ${region}.`)
      const asked = need(action, here?.snapshot ?? '*', region, contextKeys(context))
      const question = await frame(asked, callAs(caller, region), people.authority)
      return explain({
        need: asked,
        question,
        caller,
        related: related.map(({ snapshot }) => snapshot),
        calledIn: region,
        reader: null,
      })
    },
    async whoCan(asked) {
      const related = await relatedKeys(regions, asked.key)
      const context = contextKeys(asked.context)
      return whoCan(
        related,
        { ...asked, context },
        { reads: global.store.reads, identities, authority: people.authority, callAs },
      )
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
