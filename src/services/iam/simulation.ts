import { parseArn } from '../../domain/arn.ts'
import { KEY_POLICY_BYTES } from '../../domain/limits.ts'
import {
  simulation,
  SimulationError,
  type Simulation,
  type SimulatedAnswer,
  type SimulatedPolicy,
  type SimulatedRequest,
} from '../../kernel/access/simulate.ts'
import { createPace } from '../../kernel/turns.ts'
import { MOST_COMPARISONS } from '../../policy/comparisons.ts'
import { conditionKeys, type ConditionValue } from '../../policy/context.ts'
import { sizeOf } from './accept-policy.ts'
import { errors } from './errors.ts'
import { INLINE_POLICY_SIZE, TRIED_POLICIES_SIZE } from './limits.ts'
import { pageOf } from './page.ts'

/** More questions than that are not answered at once. */
const MAX_QUESTIONS = 10_000

/**
 * Work is counted in characters: those of the policies and the question, once for each question, and more for what is
 * costlier than to read; a comparison of a condition is as much as one. So much is done before others have their turn, some 10 ms.
 */
const UNITS_PER_TURN = 100_000
/** So much is done for one page: what is left is on the next. */
const UNITS_PER_PAGE = 5_000_000
/** What making a policy ready costs for each of its characters. */
const TO_COMPILE = 40
/** What it costs to name a statement or a key in an answer, at least. */
const TO_ANSWER = 2000

/** What both simulations are asked. */
export interface SimulationInput {
  readonly ActionNames: readonly string[]
  readonly ResourceArns: readonly string[]
  readonly PermissionsBoundaryPolicyInputList?: readonly string[] | undefined
  readonly ResourcePolicy?: string | undefined
  readonly ResourceOwner?: string | undefined
  readonly CallerArn?: string | undefined
  readonly ContextEntries: readonly {
    readonly ContextKeyName: string
    readonly ContextKeyType: string
    readonly ContextKeyValues: readonly string[]
  }[]
  readonly OrderedOrganizationPolicyInputList?: readonly unknown[] | undefined
  readonly Marker?: string | undefined
  readonly MaxItems: number
}

/**
 * Policies that are only tried, under the names by which results tell of them.
 *
 * @throws InvalidInput where one is longer than any that could be kept, or all of them are
 */
export function triedPolicies(
  member: string,
  texts: readonly string[] = [],
  longest = INLINE_POLICY_SIZE,
): readonly SimulatedPolicy[] {
  let all = 0
  return texts.map((text, index) => {
    const id = `${member}.${index + 1}`
    const size = sizeOf(text)
    all += size
    if (size > longest) throw errors.InvalidInput(`${id} has ${size} characters. Nobody can have more than ${longest}.`)
    if (all > TRIED_POLICIES_SIZE) {
      throw errors.InvalidInput(`${member} has more than ${TRIED_POLICIES_SIZE} characters. Try fewer at once.`)
    }
    return { id, type: 'IAM Policy', text }
  })
}

/**
 * Answers what policies would allow, in pages that end where enough was done.
 *
 * @throws InvalidInput where a policy cannot be read, or too much is asked
 */
export async function simulate(
  operation: string,
  input: SimulationInput,
  given: Pick<Simulation, 'account' | 'identity' | 'boundary' | 'caller'>,
  facts: Readonly<Record<string, string>>,
) {
  const { ActionNames, ResourceArns, ResourcePolicy } = input
  if (ActionNames.length * ResourceArns.length > MAX_QUESTIONS) {
    throw errors.InvalidInput(`ActionNames and ResourceArns ask more than ${MAX_QUESTIONS} questions.`)
  }
  // To leave a limit out would show more as allowed than is.
  if ((input.OrderedOrganizationPolicyInputList ?? []).length > 0) {
    throw errors.InvalidInput('OrderedOrganizationPolicyInputList is not supported by this server yet.')
  }
  const [boundary] = triedPolicies('PermissionsBoundaryPolicyInputList', input.PermissionsBoundaryPolicyInputList)
  const [resource] = triedPolicies(
    'ResourcePolicy',
    ResourcePolicy === undefined ? [] : [ResourcePolicy],
    KEY_POLICY_BYTES,
  )
  const caller = input.CallerArn ?? given.caller
  if (resource !== undefined && caller === null) {
    throw errors.InvalidInput('A ResourcePolicy needs a CallerArn: it says who the caller is.')
  }
  const account = caller === null ? given.account : (parseArn(caller)?.account ?? '')
  const owner = input.ResourceOwner ?? account
  const tried: Simulation = {
    ...given,
    account,
    caller,
    boundary: boundary ?? given.boundary,
    resource: resource ?? null,
    resourceAccount: parseArn(owner)?.account ?? owner,
  }
  const context = Object.fromEntries([...conditionKeys(facts), ...conditionKeys(contextOf(input))])

  const keys = conditionKeys(context)
  const spend = createPace(UNITS_PER_TURN)
  const ready = await prepare(tried, (characters) => spend(TO_COMPILE * characters))
  const questions = ActionNames.flatMap((action) => ResourceArns.map((on) => ({ action, resource: on }))).map(
    (question, index) => ({ ...question, key: String(index).padStart(5, '0') }),
  )
  const page = (MaxItems: number) => pageOf(operation, questions, { ...input, MaxItems }, ({ key }) => key)
  const toRead = lengthOf(tried, context)
  const EvaluationResults: ReturnType<typeof resultOf>[] = []
  let done = 0
  for (const { action, resource: on } of page(input.MaxItems).items) {
    if (done > UNITS_PER_PAGE) break
    const request = { action, resource: on, keys }
    const units = toRead + action.length + on.length + costOfComparing(ready.comparisons(request), request)
    await spend(units)
    const answer = ready.ask(request)
    EvaluationResults.push(resultOf(action, on, answer))
    done += units + costOf(answer)
    await spend(costOf(answer))
  }
  return { EvaluationResults, ...page(EvaluationResults.length).more }
}

function resultOf(action: string, on: string, { decision, matched, missing, boundaryAllows }: SimulatedAnswer) {
  return {
    EvalActionName: action,
    EvalResourceName: on,
    EvalDecision: decision,
    MatchedStatements: matched.map(({ policy, line, column }) => ({
      SourcePolicyId: policy.id,
      SourcePolicyType: policy.type,
      StartPosition: { Line: line, Column: column },
    })),
    MissingContextValues: missing,
    ...(boundaryAllows !== null && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: boundaryAllows },
    }),
  }
}

/** How much there is to read for each question. */
function lengthOf(
  { identity, boundary, resource }: Simulation,
  context: Readonly<Record<string, ConditionValue>>,
): number {
  const policies = [...identity, boundary, resource].map((policy) => policy?.text.length ?? 0)
  const values = Object.values(context)
    .flat()
    .map((value) => value.length)
  return [...policies, ...values].reduce((sum, length) => sum + length, 0)
}

/** @throws InvalidInput where an answer takes too many comparisons */
function costOfComparing(comparisons: number, { action, resource }: SimulatedRequest): number {
  if (comparisons <= MOST_COMPARISONS) return comparisons
  throw errors.InvalidInput(
    `Whether ${action} is allowed on ${resource} takes ${Math.ceil(comparisons)} comparisons of the values in ` +
      `ContextEntries with those in the conditions of the policies. At most ${MOST_COMPARISONS} are made. ` +
      'Give fewer or shorter values, or fewer policies at once.',
  )
}

function costOf({ matched, missing }: SimulatedAnswer): number {
  return (1 + matched.length + missing.length) * TO_ANSWER
}

async function prepare(of: Simulation, spend: (characters: number) => Promise<void>) {
  try {
    return await simulation(of, spend)
  } catch (error) {
    if (error instanceof SimulationError) throw errors.InvalidInput(`Invalid policy document in ${error.message}`)
    throw error
  }
}

/** @throws InvalidInput where a key is given twice: names that differ in case only are one */
function contextOf({ ContextEntries }: SimulationInput): Readonly<Record<string, string | readonly string[]>> {
  const names = new Set<string>()
  return Object.fromEntries(
    ContextEntries.map(({ ContextKeyName, ContextKeyType, ContextKeyValues }) => {
      const name = ContextKeyName.toLowerCase()
      if (names.has(name)) throw errors.InvalidInput(`ContextEntries has ${ContextKeyName} twice. Give it once.`)
      names.add(name)
      const isList = ContextKeyType.endsWith('List') || ContextKeyValues.length !== 1
      return [name, isList ? ContextKeyValues : (ContextKeyValues[0] ?? '')]
    }),
  )
}
