import { parseArn } from '../../domain/arn.ts'
import { DAY_MS } from '../../domain/limits.ts'
import type { AccessQuestions, RecordedAnswer } from '../../services/keyspan/access-questions.ts'
import { errors } from '../../services/keyspan/errors.ts'
import type { LookUpEvents } from '../../services/cloudtrail/event-lookup.ts'
import { IndexBehindError } from '../../storage/event-index/event-index.ts'
import type { EventPosition } from '../../storage/event-index/find-events.ts'
import { createAccountTurns } from './account-turns.ts'
import { InspectionError } from './inspection-error.ts'
import type { Inspector } from './inspector.ts'
import type { ReviewCursor } from './policy-review.ts'
import { needsIn, type RecordedNeed } from './recorded-calls.ts'
import type { RefusalMemory } from './refusal-memory.ts'
import type { Cursor } from './subjects.ts'

/** Recorded calls that a question looks at. */
const MOST_CALLS = 1000
const READ_AT_ONCE = 200

/** What questions are answered from. */
export interface QuestionSources {
  readonly inspector: () => Promise<Inspector>
  readonly memory: Pick<RefusalMemory, 'newestFor'>
  readonly lookUp: LookUpEvents
  readonly now: () => number
}

/**
 * Answers accounts what they may ask about themselves.
 *
 * SECURITY: an account asks about its own keys, as its own principals. What it asks costs time of the one thread that
 * all share, so its questions are answered one after the other, and few may wait.
 */
export function createAccessQuestions({ inspector, memory, lookUp, now }: QuestionSources): AccessQuestions {
  const inTurn = createAccountTurns()
  const inspect = <Answer>(account: string, ask: (inspecting: Inspector) => Promise<Answer>): Promise<Answer> =>
    inTurn(account, () => asQuestion(async () => ask(await inspector())))

  return {
    refusals: (account, { key, caller, region, before, limit }) =>
      inTurn(account, () =>
        memory.newestFor(account, { resource: key, caller, region, limit, ...(before !== null && { before }) }),
      ),
    async whoCan(account, { after, ...asked }) {
      requireOwnKey(asked.key, account)
      return inspect(account, (inspecting) => inspecting.whoCan({ ...asked, after: after as Cursor, reader: account }))
    },
    async family(account, key, withDrifts) {
      requireOwnKey(key, account)
      return inspect(account, (inspecting) => inspecting.family(key, withDrifts))
    },
    async simulate(account, asked) {
      requireOwn(account, asked)
      return inspect(account, (inspecting) => inspecting.hypothesis(asked, account))
    },
    async differences(account, { key, text }, after) {
      requireOwnKey(key, account)
      const proposed = { target: key, inline: null, text }
      return inspect(account, ({ review }) => review.differences(proposed, after as ReviewCursor, account))
    },
    async recorded(account, { key, text }, days) {
      requireOwnKey(key, account)
      const calls = callsOf(key, account, now() - days * DAY_MS, lookUp)
      const proposed = { target: key, inline: null, text }
      return inspect(account, ({ review }) => whereIndexed(review.witnessesAmong(calls, proposed, account)))
    },
  }
}

async function asQuestion<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof InspectionError) throw errors.ValidationException(error.message)
    throw error
  }
}

function requireOwnKey(arn: string, account: string): void {
  if (parseArn(arn)?.account === account) return
  throw errors.ResourceNotFoundException(
    `${arn} is no key of account ${account}. An account can ask about its own keys: sign in to the account that has it.`,
  )
}

/** Refuses what names another account, anywhere in it. */
function requireOwn(account: string, asked: Parameters<AccessQuestions['simulate']>[1]): void {
  const { operation } = asked
  if (operation.includes(':') && !operation.startsWith('kms:')) {
    throw errors.ValidationException(`"${operation}" is no operation of KMS. Give one such as Decrypt.`)
  }
  if (parseArn(asked.as) === null) {
    throw errors.ValidationException(`"${asked.as}" is no ARN. Give that of a user or role of account ${account}.`)
  }
  const named = JSON.stringify([asked.as, asked.key, asked.input]).matchAll(/arn:[\w-]*:[\w-]*:[\w-]*:(\d{12}):[^"]*/g)
  const foreign = [...named].find(([, of]) => of !== account)
  if (foreign === undefined) return
  throw errors.ResourceNotFoundException(
    `${foreign[0]} is not of account ${account}. An account can ask as its own users and roles, about its own keys.`,
  )
}

/** The newest recorded calls with a key since a moment, as the account that has it sees them. */
async function* callsOf(
  key: string,
  account: string,
  since: number,
  lookUp: LookUpEvents,
): AsyncGenerator<RecordedNeed> {
  const region = parseArn(key)?.region ?? ''
  const query = { account, region, attribute: ['ResourceName', key] as const, limit: READ_AT_ONCE }
  const time = { oldest: Math.max(Math.ceil(since / 1000), 0), newest: 2 ** 32 - 1 }
  let after: EventPosition | null = null
  for (let read = 0; read < MOST_CALLS; read += READ_AT_ONCE) {
    const page: Awaited<ReturnType<LookUpEvents>> = await lookUp({ ...query, ...time, after })
    for (const record of page.records) yield* needsIn(record)
    if (page.last === null) return
    after = page.last
  }
}

async function whereIndexed(answer: Promise<RecordedAnswer>): Promise<RecordedAnswer | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof IndexBehindError) return null
    throw error
  }
}
