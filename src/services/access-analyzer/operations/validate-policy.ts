import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { integerText } from '../../../kernel/parse.ts'
import { type LintedKind, lintPolicy } from '../../../policy/lint/lint.ts'
import { needFor } from '../checked-policy.ts'
import { errors } from '../errors.ts'
import { FINDINGS_PER_PAGE, MOST_FINDINGS_PER_PAGE } from '../limits.ts'
import { lintOptions } from '../lint-options.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const KINDS = {
  IDENTITY_POLICY: 'identity',
  RESOURCE_POLICY: 'resource',
  SERVICE_CONTROL_POLICY: 'scp',
  RESOURCE_CONTROL_POLICY: 'rcp',
} as const

/** The resources whose policies are known; AWS has no name for keys here. */
const RESOURCE_KINDS: ReadonlyMap<string, LintedKind> = new Map([
  ['AWS::IAM::AssumeRolePolicyDocument', 'trust'],
  ['AWS::KMS::Key', 'key'],
])

/** Looks a policy through for what is wrong, weak or superfluous. */
export const ValidatePolicy = readOperation({
  name: 'ValidatePolicy',
  errors: [errors.ValidationException],
  input: z.object({
    policyDocument: shape.policyDocument,
    policyType: z.enum(['IDENTITY_POLICY', 'RESOURCE_POLICY', 'SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']),
    validatePolicyResourceType: z.string().max(256).optional(),
    locale: z.enum(['DE', 'EN', 'ES', 'FR', 'IT', 'JA', 'KO', 'PT_BR', 'ZH_CN', 'ZH_TW']).optional(),
    maxResults: integerText(1, MOST_FINDINGS_PER_PAGE).optional(),
    nextToken: z.string().max(2048).optional(),
  }),
  load: () => null,
  requires: (_input, _found, call) => [needFor('ValidatePolicy', call)],
  run(input, _found, { caller: { account } }, { pageMarkers }) {
    if (input.locale !== undefined && input.locale !== 'EN') {
      throw unsupported(`Findings are told in English here: leave locale out, or give EN instead of ${input.locale}.`)
    }
    const kind = kindOf(input)
    const listing = { operation: 'ValidatePolicy', account }
    const from = input.nextToken === undefined ? 0 : Number(pageMarkers.open(listing, input.nextToken) ?? Number.NaN)
    if (Number.isNaN(from)) {
      throw errors.ValidationException('nextToken is none that was given here.', { reason: 'fieldValidationFailed' })
    }
    const all = lintPolicy(input.policyDocument, kind, lintOptions(kind))
    const to = from + (input.maxResults ?? FINDINGS_PER_PAGE)
    const findings = all.slice(from, to)
    return { findings, ...(all.length > to && { nextToken: pageMarkers.seal(listing, String(to)) }) }
  },
  record: (input) => recordOf(input),
})

function unsupported(message: string) {
  return errors.ValidationException(message, { reason: 'notSupported' })
}

function kindOf(input: {
  readonly policyType: keyof typeof KINDS
  readonly validatePolicyResourceType?: string | undefined
}): LintedKind {
  const { policyType, validatePolicyResourceType: type } = input
  if (type === undefined) return KINDS[policyType]
  if (policyType !== 'RESOURCE_POLICY') {
    const message = `validatePolicyResourceType goes with the policyType RESOURCE_POLICY, and not with ${policyType}.`
    throw errors.ValidationException(message, { reason: 'fieldValidationFailed' })
  }
  const kind = RESOURCE_KINDS.get(type)
  if (kind !== undefined) return kind
  throw unsupported(
    `The checks for ${type} are not done here, only those for ${[...RESOURCE_KINDS.keys()].join(' and ')}. Leave ` +
      'validatePolicyResourceType out for the checks that all policies of resources have in common.',
  )
}
