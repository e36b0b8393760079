import { z } from 'zod'
import { parseArn } from '../../../domain/arn.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import type { SimulatedPolicy } from '../../../kernel/access/simulate.ts'
import type { GlobalReads } from '../../../storage/global-store.ts'
import {
  managedPolicyText,
  policiesOfRole,
  policiesOfUser,
  type IdentityPolicy,
} from '../../../storage/identity-reads.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { simulate, triedPolicies } from '../simulation.ts'
import { existing, findSubject, needOn, type Found, type Subjects } from '../subject.ts'

/** Says what the policies of a user, group or role allow, and what they would with more policies. */
export const SimulatePrincipalPolicy = globalReadOperation({
  name: 'SimulatePrincipalPolicy',
  errors: [errors.InvalidInput, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({
    PolicySourceArn: shape.arn,
    PolicyInputList: shape.policyInputs.default([]),
    OrderedOrganizationPolicyInputList: shape.organizationPolicies,
    ...shape.simulation,
  }),
  load: ({ PolicySourceArn }, call, reads) => findByArn(PolicySourceArn, call, reads),
  requires: (_input, found) => [needOn('SimulatePrincipalPolicy', found)],
  async run(input, found, { caller: { account } }, { reads }) {
    const document = existing(found)
    const stored = await policiesOf(found, reads)
    const identity = [...stored.map(simulated), ...triedPolicies('PolicyInputList', input.PolicyInputList)]
    const limit = 'boundary' in document ? document.boundary : null
    const boundary = limit === null ? null : await boundaryOf(limit, reads)
    const caller = found.kind === 'group' ? null : found.arn
    const facts = {
      'aws:PrincipalAccount': account,
      ...(caller !== null && { 'aws:PrincipalArn': caller }),
      ...(found.kind === 'user' && { 'aws:username': document.name, 'aws:userid': document.id }),
    }
    return simulate('SimulatePrincipalPolicy', input, { account, identity, boundary, caller }, facts)
  },
  record: (input) => recordOf(input),
})

/**
 * Looks up whom an ARN names.
 *
 * @throws InvalidInput where it names nobody of the caller's account who could have policies
 */
async function findByArn(arn: string, call: Call, reads: GlobalReads): Promise<Found<keyof Subjects>> {
  const { service, account, resource } = parseArn(arn) ?? { service: '', account: '', resource: '' }
  const [, kind, name = ''] = /^(user|group|role)\/(?:[!-~]*\/)?([\w+=,.@-]+)$/.exec(resource) ?? []
  const isKnown = kind === 'user' || kind === 'group' || kind === 'role'
  if (!isKnown || service !== 'iam' || account !== call.caller.account) {
    throw errors.InvalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`)
  }
  const found = await findSubject(kind, name, call, reads)
  return found.arn === arn ? found : { ...found, arn, document: null }
}

function policiesOf(found: Found<keyof Subjects>, reads: GlobalReads): Promise<readonly IdentityPolicy[]> {
  const document = existing(found)
  if ('groups' in document) return policiesOfUser(reads, found.account, document)
  return policiesOfRole(reads, document)
}

async function boundaryOf(arn: string, reads: GlobalReads): Promise<SimulatedPolicy> {
  const text = await managedPolicyText(reads, arn)
  // INVARIANT: a policy that is a boundary is not deleted.
  if (text === null) throw new Error(`INVARIANT: ${arn} is a boundary and exists`)
  return simulated({ name: arn, arn, text })
}

function simulated({ name, arn, text }: Pick<IdentityPolicy, 'name' | 'arn' | 'text'>): SimulatedPolicy {
  return { id: arn ?? name, type: 'IAM Policy', text }
}
