import { parseArn } from '../../domain/arn.ts'
import { simulation, SimulationError, type Simulation, type SimulatedPolicy } from '../../kernel/simulate.ts'
import { errors } from './errors.ts'
import { pageOf } from './page.ts'

/** More questions than that are not answered at once. */
const MAX_QUESTIONS = 10_000

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

/** Policies that are only tried, under the names by which results tell of them. */
export function triedPolicies(member: string, texts: readonly string[] = []): readonly SimulatedPolicy[] {
  return texts.map((text, index) => ({ id: `${member}.${index + 1}`, type: 'IAM Policy', text }))
}

/**
 * Answers what policies would allow.
 *
 * @throws InvalidInput where a policy cannot be read, or too much is asked
 */
export function simulate(
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
  const [resource] = triedPolicies('ResourcePolicy', ResourcePolicy === undefined ? [] : [ResourcePolicy])
  const caller = input.CallerArn ?? given.caller
  if (resource !== undefined && caller === null) {
    throw errors.InvalidInput('A ResourcePolicy needs a CallerArn: it says who the caller is.')
  }
  const account = caller === null ? given.account : (parseArn(caller)?.account ?? '')
  const owner = input.ResourceOwner ?? account
  const ask = prepare({
    ...given,
    account,
    caller,
    boundary: boundary ?? given.boundary,
    resource: resource ?? null,
    resourceAccount: parseArn(owner)?.account ?? owner,
  })
  const context = { ...facts, ...contextOf(input) }
  const questions = ActionNames.flatMap((action) => ResourceArns.map((on) => ({ action, resource: on }))).map(
    (question, index) => ({ ...question, key: String(index).padStart(5, '0') }),
  )
  const { items, more } = pageOf(operation, questions, input, ({ key }) => key)
  const EvaluationResults = items.map(({ action, resource: on }) => {
    const { decision, matched, missing, boundaryAllows } = ask({ action, resource: on, context })
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
  })
  return { EvaluationResults, ...more }
}

function prepare(of: Simulation) {
  try {
    return simulation(of)
  } catch (error) {
    if (error instanceof SimulationError) throw errors.InvalidInput(`Invalid policy document in ${error.message}`)
    throw error
  }
}

function contextOf({ ContextEntries }: SimulationInput): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    ContextEntries.map(({ ContextKeyName, ContextKeyType, ContextKeyValues }) => {
      const isList = ContextKeyType.endsWith('List') || ContextKeyValues.length !== 1
      return [ContextKeyName, isList ? ContextKeyValues : (ContextKeyValues[0] ?? '')]
    }),
  )
}
