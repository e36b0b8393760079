import { parseArn, rootArn } from '../domain/arn.ts'
import { roleArn, userArn } from '../domain/identity-arn.ts'
import type { Region } from '../domain/region.ts'
import type { Caller } from '../kernel/caller.ts'
import { accountOf } from '../kernel/condition-keys.ts'
import { ask, frame, type Refusal } from '../kernel/decide.ts'
import { explain } from '../kernel/explain.ts'
import type { GlobalHost } from '../kernel/global-host.ts'
import type { Identities } from '../kernel/identities.ts'
import { need, type Call, type Need } from '../kernel/operation.ts'
import type { KnownPeople } from '../kernel/people.ts'
import { turn } from '../kernel/turns.ts'
import type { GlobalReads } from '../storage/global-store.ts'
import { familyTable, table, type RelatedKey } from './family-table.ts'
import { troublesOf } from './key-troubles.ts'
import type { OpenRegion } from './open-region.ts'

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
  /** Principal by action by Region, for every key that is related to `key`. */
  whoCan(key: string, actions: readonly string[]): Promise<string>
  /** Related keys side by side, with what differs between them. */
  family(key: string): Promise<string>
}

/** A question that cannot be answered. */
export class InspectionError extends Error {}

const USES = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']
const ADMINISTERS = ['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:ReplicateKey']
/** A bound for what is meant to be read by a person. */
const PRINCIPALS = 500

/** The request of a question that is asked at a terminal. */
const BY_HAND = { sourceIp: '127.0.0.1', userAgent: 'keyspan', secure: true, requestId: 'none' }

/** An inspector over what this process serves. */
export function createInspector(
  regions: Iterable<OpenRegion>,
  { store }: GlobalHost,
  identities: Identities,
  people: KnownPeople,
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
    async whoCan(key, actions) {
      const related = await relatedKeys(regions, key)
      const account = related[0]?.snapshot.record.account ?? ''
      const rows: string[][] = [['principal', 'action', ...related.map(({ region }) => region)]]
      const named = related.flatMap(({ snapshot }) => Object.keys(snapshot.record.principals))
      for (const arn of new Set([...(await principalsOf(store.reads, account)), ...named])) {
        await turn()
        const caller = await identities.callerNamed(arn)
        // Whom a policy names may be gone: then there is nobody to ask for.
        if (caller === null) continue
        for (const action of actions.length > 0 ? actions : [...USES, ...ADMINISTERS]) {
          const answers = related.map(async ({ region, snapshot }) => {
            const asked: Need = need(action, snapshot, region)
            return (await ask(asked, callAs(caller, region), people.authority)).allowed ? 'yes' : '-'
          })
          rows.push([arn, action, ...(await Promise.all(answers))])
        }
      }
      return table(rows)
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
function contextKeys(context: Readonly<Record<string, string>>): Need['context'] {
  const prefix = 'kms:EncryptionContext:'
  const keys = Object.keys(context).filter((name) => name.startsWith(prefix))
  const names = keys.map((name) => name.slice(prefix.length))
  return { ...context, ...(names.length > 0 && { 'kms:EncryptionContextKeys': names }) }
}

/** The keys of this server that are related to a key, itself among them: itself alone, where it is single-Region. */
async function relatedKeys(regions: Iterable<OpenRegion>, key: string): Promise<readonly RelatedKey[]> {
  const present = await findRelated(regions, key)
  if (present.length === 0) throw new InspectionError(`${key} does not exist in any Region of this server.`)
  return present
}

async function findRelated(regions: Iterable<OpenRegion>, key: string): Promise<readonly RelatedKey[]> {
  const arn = parseArn(key)
  const [, id] = /^key\/(.+)$/.exec(arn?.resource ?? '') ?? []
  if (arn === null || id === undefined) throw new InspectionError(`"${key}" is not the ARN of a key.`)
  const hosts = [...regions].filter(({ region }) => id.startsWith('mrk-') || region === arn.region)
  const found = await Promise.all(
    hosts.map(async ({ region, keys }) => ({ region, snapshot: await keys.key(arn.account, id) })),
  )
  return found.flatMap(({ region, snapshot }) => (snapshot === null ? [] : [{ region, snapshot }]))
}

async function principalsOf(reads: GlobalReads, account: string): Promise<readonly string[]> {
  const page = { after: null, limit: PRINCIPALS }
  const [users, roles] = await Promise.all([
    reads.documents('user', account, page),
    reads.documents('role', account, page),
  ])
  return [
    rootArn(account),
    ...users.map(({ content }) => userArn(account, content)),
    ...roles.map(({ content }) => roleArn(account, content)),
  ]
}
