import type { Region } from '../../domain/region.ts'
import type { Call } from '../../kernel/call.ts'
import { encryptionContextIn } from '../../kernel/access/matching-grants.ts'
import { askPartially } from '../../kernel/access/open-question.ts'
import { need, type KeyFacts } from '../../kernel/access/need.ts'
import type { Caller } from '../../kernel/identities/caller.ts'
import type { World } from './policy-diff.ts'
import type { RecordedNeed } from './recorded-calls.ts'
import { outsider } from './subjects.ts'

/** Recorded calls that would have been refused, alike but for their times. */
export interface Witness {
  readonly principal: string
  readonly action: string
  readonly resource: string
  readonly region: string
  readonly encryptionContext: Readonly<Record<string, string>>
  readonly calls: number
  readonly last: number
}

/** What recorded calls say of a proposed policy. */
export interface Witnesses {
  /** How many of them it is about. */
  readonly calls: number
  readonly refused: readonly Witness[]
  /** How many depend on what their records do not tell. */
  readonly unclear: number
}

/** What recorded calls are held against. */
export interface Hearing {
  readonly accounts: readonly string[]
  /** A text that the records of all calls have that it can concern. */
  readonly mark: string
  readonly now: World
  readonly later: World
  /** A key as it is and as it would be; null where there is none. */
  key(arn: string): Promise<{ readonly before: KeyFacts; readonly after: KeyFacts } | null>
}

type CallAs = (caller: Caller, region: Region) => Call

/**
 * Asks of each recorded call that was allowed whether it would be refused.
 *
 * @param reader the account that asks, and sees its own side; null for whoever runs the server
 */
export async function hear(
  recordedCalls: AsyncIterable<RecordedNeed>,
  scope: Hearing,
  callAs: CallAs,
  reader: string | null,
): Promise<Witnesses> {
  const refused = new Map<string, Witness>()
  const answers = new Map<string, Promise<Verdict>>()
  let calls = 0
  let unclear = 0
  for await (const recorded of recordedCalls) {
    if (!recorded.isDone || !isConcerned(recorded, scope)) continue
    calls += 1
    const { principal, action, resource, region, caller, context, sourceIp } = recorded
    const kind = JSON.stringify([caller, action, resource, region, context, sourceIp])
    const answer = answers.get(kind) ?? judge(recorded, scope, callAs, reader)
    answers.set(kind, answer)
    const verdict = await answer
    if (verdict === 'unclear') unclear += 1
    if (verdict !== 'refused') continue
    const encryptionContext = encryptionContextIn(recorded.context)
    const name = JSON.stringify([principal, action, resource, region, encryptionContext])
    const known = refused.get(name) ?? { principal, action, resource, region, encryptionContext, calls: 0, last: 0 }
    refused.set(name, { ...known, calls: known.calls + 1, last: Math.max(known.last, recorded.at) })
  }
  return { calls, unclear, refused: [...refused.values()].toSorted((a, b) => b.calls - a.calls) }
}

type Verdict = 'allowed' | 'refused' | 'unclear'

function isConcerned({ account, resource }: RecordedNeed, { accounts, mark }: Hearing): boolean {
  return mark.startsWith('arn:') ? resource === mark : accounts.includes(account)
}

async function judge(recorded: RecordedNeed, scope: Hearing, callAs: CallAs, reader: string | null): Promise<Verdict> {
  const { action, region, context, caller: arn } = recorded
  const key = recorded.resource === '*' ? null : await scope.key(recorded.resource)
  if (recorded.resource !== '*' && key === null) return 'allowed'
  const ask = async ({ identities, authority }: World, on: KeyFacts | '*') => {
    const named = await identities.callerNamed(arn)
    if (named === null) return null
    const isOwn = reader === null || named.account === reader
    const { caller, breadth } = isOwn ? { caller: named, breadth: 'one' as const } : outsider(named, [region])
    const call = {
      ...callAs(caller, region),
      sourceIp: recorded.sourceIp,
      userAgent: recorded.userAgent,
      now: recorded.at,
    }
    const known = { 'aws:SourceIp': recorded.sourceIp, 'aws:UserAgent': recorded.userAgent }
    return askPartially(need(action, on, region, { ...known, ...context }), call, authority, breadth)
  }
  const before = await ask(scope.now, key?.before ?? '*')
  const after = await ask(scope.later, key?.after ?? '*')
  // Whom nobody can ask for any more, or who has lost it already, is no witness.
  if (before === null || before === false || after === null || after === true) return 'allowed'
  return after === false ? 'refused' : 'unclear'
}
