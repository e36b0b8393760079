import { z } from 'zod'
import type { PlannedChange, Stack } from '../../domain/stack.ts'
import { errors } from './errors.ts'

/** Where a stack's policy can come from. */
interface Source {
  readonly StackPolicyBody?: string | undefined
  readonly StackPolicyURL?: string | undefined
}

const texts = z.union([z.string().transform((text) => [text]), z.array(z.string())])
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Principal: z.union([z.literal('*'), z.strictObject({ AWS: z.literal('*') })]),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: z
    .strictObject({
      StringEquals: z.strictObject({ ResourceType: texts }).optional(),
      StringLike: z.strictObject({ ResourceType: texts }).optional(),
    })
    .optional(),
})
const document = z.strictObject({
  Version: z.string().optional(),
  Statement: z.union([statement.transform((one) => [one]), z.array(statement).min(1)]),
})
type Statement = z.infer<typeof statement>

/**
 * The stack policy that a request gives; null where it gives none.
 *
 * @throws ValidationError where it cannot be read, or is to be read from a place that is not here
 */
export function acceptStackPolicy({ StackPolicyBody, StackPolicyURL }: Source): string | null {
  if (StackPolicyURL !== undefined) {
    throw errors.ValidationError(
      `StackPolicyURL is not supported, for this server has no S3. Send the policy itself as StackPolicyBody instead of ` +
        `${StackPolicyURL}.`,
    )
  }
  if (StackPolicyBody === undefined) return null
  statementsOf(StackPolicyBody)
  return StackPolicyBody
}

function statementsOf(text: string): readonly Statement[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw errors.ValidationError(`Error validating stack policy: it is not JSON. ${(error as Error).message}`)
  }
  const read = document.safeParse(json)
  if (read.success) return read.data.Statement
  const [issue] = read.error.issues
  const place = issue === undefined ? '' : ` at ${issue.path.join('.') || 'the document'}: ${issue.message}`
  throw errors.ValidationError(`Error validating stack policy: Invalid stack policy${place}`)
}

/**
 * Refuses changes that the policy of a stack protects its resources from.
 *
 * @param instead the policy that counts for this update alone; null where it is the stack's
 * @throws ValidationError that names the resource and the action
 */
export function requireAllowedByPolicy(stack: Stack, changes: readonly PlannedChange[], instead: string | null): void {
  const text = instead ?? stack.policy
  if (text === null) return
  const statements = statementsOf(text)
  for (const change of changes) {
    const action = actionOf(change)
    if (action === null || isAllowed(statements, action, change)) continue
    throw errors.ValidationError(
      `Action denied by stack policy: it does not allow [${action}] for resource ` +
        `[LogicalResourceId/${change.LogicalResourceId}]. Change the policy, or give StackPolicyDuringUpdateBody.`,
    )
  }
}

function actionOf({ Action, Replacement }: PlannedChange): string | null {
  if (Action === 'Remove') return 'Update:Delete'
  if (Action !== 'Modify') return null
  return Replacement === 'False' || Replacement === undefined ? 'Update:Modify' : 'Update:Replace'
}

/** What no statement allows is denied. */
function isAllowed(statements: readonly Statement[], action: string, resource: PlannedChange): boolean {
  const matching = statements.filter((each) => matches(each, action, resource))
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
}

function matches(each: Statement, action: string, resource: PlannedChange): boolean {
  const name = `LogicalResourceId/${resource.LogicalResourceId}`
  const { StringEquals, StringLike } = each.Condition ?? {}
  return (
    isNamed(each.Action, each.NotAction, action) &&
    isNamed(each.Resource, each.NotResource, name) &&
    (StringEquals === undefined || StringEquals.ResourceType.includes(resource.ResourceType)) &&
    (StringLike === undefined || StringLike.ResourceType.some((glob) => isLike(glob, resource.ResourceType)))
  )
}

function isNamed(named: readonly string[] | undefined, others: readonly string[] | undefined, text: string): boolean {
  if (named !== undefined) return named.some((glob) => isLike(glob, text))
  return others !== undefined && !others.some((glob) => isLike(glob, text))
}

/** Compares with a pattern of `*` and `?`, in time that grows with the product of both lengths at most. */
function isLike(glob: string, text: string): boolean {
  let [from, at, star, mark] = [0, 0, -1, 0]
  while (at < text.length) {
    if (glob[from] === '*') {
      star = from
      mark = at
      from += 1
    } else if (glob[from] === '?' || glob[from] === text[at]) {
      from += 1
      at += 1
    } else if (star >= 0) {
      from = star + 1
      mark += 1
      at = mark
    } else return false
  }
  while (glob[from] === '*') from += 1
  return from === glob.length
}
