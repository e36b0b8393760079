import { parseArn } from '../../domain/arn.ts'
import { parsePolicy } from '../../policy/parse/parse.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { managedPolicyText } from '../../storage/identity-reads.ts'
import { errors } from './errors.ts'

/** Policies that limit a session, as they were given. */
export interface SessionPolicies {
  readonly policies: readonly string[]
  readonly policyArns: readonly string[]
}

/** The most that AWS lets session policies and tags take up together, in characters before they are packed. */
const SPACE = 2048 + 50 * (128 + 256)

/** How much of the space for session policies and tags is taken up, in percent. */
export function packedPolicySize({
  Policy = '',
  PolicyArns,
  Tags,
}: {
  readonly Policy?: string | undefined
  readonly PolicyArns: readonly { readonly arn: string }[]
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[]
}): number {
  const given = [Policy, ...PolicyArns.map(({ arn }) => arn), ...Tags.map(({ Key, Value }) => Key + Value)]
  return Math.ceil((100 * given.join('').length) / SPACE)
}

/**
 * Accepts the policies that shall limit a session.
 *
 * @param account of the session: what managed policies others have, nobody is told
 * @throws MalformedPolicyDocument, ValidationError
 */
export async function acceptSessionPolicies(
  {
    Policy,
    PolicyArns,
  }: { readonly Policy?: string | undefined; readonly PolicyArns: readonly { readonly arn: string }[] },
  account: string,
  reads: GlobalReads,
): Promise<SessionPolicies> {
  if (Policy !== undefined) {
    const parsed = parsePolicy(Policy, 'session')
    if (!parsed.ok) throw errors.MalformedPolicyDocument(parsed.errors[0].message)
  }
  const policyArns = PolicyArns.map(({ arn }) => arn)
  for (const arn of policyArns) {
    const isNear = ['aws', account].includes(parseArn(arn)?.account ?? '')
    if (!isNear || (await managedPolicyText(reads, arn)) === null) {
      throw errors.ValidationError(`The managed policy ${arn} does not exist.`)
    }
  }
  return { policies: Policy === undefined ? [] : [Policy], policyArns }
}
