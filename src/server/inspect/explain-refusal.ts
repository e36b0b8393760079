import { parseArn } from '../../domain/arn.ts'
import { accountOf } from '../../kernel/access/condition-keys.ts'
import { frame, isLetIn, type Authority } from '../../kernel/access/decide.ts'
import type { Refusal } from '../../kernel/access/need.ts'
import { tellsOfResource } from '../../kernel/access/denial.ts'
import { WireError, type OwnSide, type PrivateReason, type Reason } from '../../kernel/errors.ts'
import { explain } from '../../kernel/explain/explain.ts'
import { together, type Explained, type ExplainedPermission } from '../../kernel/explain/explained.ts'
import { explainReason } from '../../kernel/explain/reason.ts'
import { ownSide } from '../../kernel/access/own-side.ts'
import type { KnownPeople } from '../../kernel/people.ts'
import type { RefusedCall } from '../../kernel/refused-call.ts'
import { ownerOf } from './refusal-head.ts'
import { findRelated, type KeyHost } from './family/related-keys.ts'

/** What is told of a refusal, to each of those who may ask. */
export interface Explanations {
  readonly operator: Explained
  /** Left out where the caller's account reads what the operator does. */
  readonly caller?: Explained
  /** Left out where the resource is the caller's account's, or no account's. */
  readonly owner?: Explained
}

/** What explaining takes. */
export interface ExplainingSources {
  readonly regions: Iterable<KeyHost>
  readonly people: Pick<KnownPeople, 'principalFate' | 'authority'>
}

/** What one refusal may take when it is kept, in characters of its JSON. */
const MOST_CHARACTERS = 256 * 1024

/** Explains a refusal to everybody who may ask. */
export async function explainToAll(refused: RefusedCall, sources: ExplainingSources): Promise<Explanations> {
  const explanations = await explanationsOf(refused, sources)
  if (JSON.stringify(explanations).length <= MOST_CHARACTERS) return explanations
  const reason = { why: 'The explanation is too long to be kept.', remedy: 'Ask again with --as and --operation.' }
  const told = explainOther(refused, reason, null)
  return { operator: told, owner: told }
}

async function explanationsOf(refused: RefusedCall, sources: ExplainingSources): Promise<Explanations> {
  const { call, message, because } = refused
  const { account } = call.caller
  const owner = ownerOf(refused)
  const isForeign = owner !== null && owner !== account
  if (because === null) return { operator: explainOther(refused, { why: message ?? '', remedy: '' }, null) }
  if ('why' in because) {
    const operator = explainOther(refused, because, because.resource)
    const toCaller = await toCallerOf(refused, because, sources.people.authority)
    return { operator, ...(toCaller !== null && { caller: toCaller }), ...(isForeign && { owner: operator }) }
  }
  const legs = [because, ...(await otherLegs(because, sources.people.authority))]
  const operator = await explainLegs(legs, null, sources)
  const isAnyForeign = legs.some(({ need }) => (accountOf(need.on) ?? account) !== account)
  if (!isAnyForeign) return { operator }
  return {
    operator,
    caller:
      tellsOfResource(because.need, isLetIn(because.question)) || !isForeign
        ? await explainLegs(legs.filter(isToldToCaller), account, sources)
        : await explainOwnSide(refused, ownSideOf(refused, because), sources.people.authority),
    ...(isForeign && {
      owner: await explainLegs(
        legs.filter(({ need }) => accountOf(need.on) === owner),
        owner,
        sources,
      ),
    }),
  }
}

/** The other permissions that a refused request needs: what lacks of them would refuse it the next time. */
async function otherLegs({ call, others }: Refusal, authority: Authority): Promise<readonly Refusal[]> {
  const legs: Refusal[] = []
  for (const need of others) {
    try {
      legs.push({ call, need, question: await frame(need, call, authority), others: [] })
    } catch (error) {
      // What is too costly to ask is not asked; the request would end with that.
      if (!(error instanceof WireError)) throw error
    }
  }
  return legs
}

function isToldToCaller({ call, need, question }: Refusal): boolean {
  const isForeign = (accountOf(need.on) ?? call.caller.account) !== call.caller.account
  return !isForeign || tellsOfResource(need, isLetIn(question))
}

/** Explains permissions of one request. */
export async function explainLegs(
  legs: readonly Refusal[],
  reader: string | null,
  sources: ExplainingSources,
  notes: readonly string[] = [],
): Promise<Explained> {
  const permissions: ExplainedPermission[] = []
  for (const leg of legs) permissions.push(await explainPermission(leg, reader, sources))
  return together(permissions, notes)
}

/** Explains a permission that is missing, or one that is there. */
async function explainPermission(
  { need, question, call, supposed }: Refusal,
  reader: string | null,
  { regions, people }: ExplainingSources,
): Promise<ExplainedPermission> {
  const { on } = need
  const isOnKey = typeof on !== 'string' && 'record' in on
  const related = isOnKey ? await findRelated(regions, on.arn) : []
  const { caller, region } = call
  return explain({
    need,
    question,
    caller,
    related: related.map(({ snapshot }) => snapshot),
    calledIn: region,
    reader,
    principalFate: people.principalFate,
    ...(supposed !== undefined && { supposed }),
  })
}

/** Explains what follows from something else. */
export function explainOther(
  { operation, call }: Pick<RefusedCall, 'operation' | 'call'>,
  reason: Reason,
  resource: string | null,
): Explained {
  return explainReason({ operation, resource, region: call.region, caller: call.caller.arn, reason })
}

/** What the caller's account is told where that is not what whoever runs the server is told; else null. */
export async function toCallerOf(
  refused: Pick<RefusedCall, 'operation' | 'call'>,
  { toCaller, resource }: PrivateReason,
  authority: Authority,
): Promise<Explained | null> {
  if (toCaller === undefined) return null
  return 'why' in toCaller ? explainOther(refused, toCaller, resource) : explainOwnSide(refused, toCaller, authority)
}

async function explainOwnSide(
  refused: Pick<RefusedCall, 'operation' | 'call'>,
  side: OwnSide,
  authority: Authority,
): Promise<Explained> {
  return explainOther(refused, await ownSide(side, refused.call, authority), side.arn)
}

/** Of what the refusal knows, no more than the request says. */
function ownSideOf({ named }: RefusedCall, { need: { action, on, foundBy } }: Refusal): OwnSide {
  if (typeof on === 'string' || foundBy === 'ciphertext') return { action, arn: null, owner: null }
  const account = accountOf(on)
  const isOwnerNamed = named.some((arn) => parseArn(arn)?.account === account)
  return { action, arn: named.includes(on.arn) ? on.arn : null, owner: isOwnerNamed ? account : null }
}
