import { askRest, type Asking } from './client.ts'

/** Something that is wrong, weak or superfluous in a policy. */
export interface PolicyFinding {
  readonly findingType: 'ERROR' | 'SECURITY_WARNING' | 'WARNING' | 'SUGGESTION'
  readonly issueCode: string
  readonly findingDetails: string
  readonly locations: readonly { readonly span: { readonly start: Place; readonly end: Place } }[]
}

/** A place in a text: its line from 1, and its offset in UTF-16 units. */
interface Place {
  readonly line: number
  readonly offset: number
}

/** Looks the policy of a key through. @throws ApiError */
export async function validateKeyPolicy(asking: Asking, policyDocument: string): Promise<readonly PolicyFinding[]> {
  const kind = { policyType: 'RESOURCE_POLICY', validatePolicyResourceType: 'AWS::KMS::Key' }
  const input = { policyDocument, ...kind }
  const { findings } = await askRest<{ findings: PolicyFinding[] }>(
    asking,
    'access-analyzer',
    '/policy/validation',
    input,
  )
  return findings
}
