import { z } from 'zod'
import { controlPolicyArn } from '../../../domain/organization.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { requirePolicy } from '../find.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { allTargets, targetArn, targetId, targetName } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lists what a policy is attached to. */
export const ListTargetsForPolicy = globalReadOperation({
  name: 'ListTargetsForPolicy',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.PolicyNotFoundException,
  ],
  input: z.object({ PolicyId: shape.policyId, ...shape.page }),
  async load({ PolicyId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, policy: await requirePolicy(reads, organization, PolicyId) }
  },
  requires: (_input, { organization, policy }) => [
    needFor('ListTargetsForPolicy', controlPolicyArn(organization, policy), {
      'organizations:PolicyType': policy.type,
    }),
  ],
  async run(input, { organization, policy: { id, type } }, _call, { reads }) {
    const all = await allTargets(reads, organization)
    const attached = all.filter(({ content }) => content.attached[type].includes(id))
    const { items, ...more } = pageOf('ListTargetsForPolicy', attached, input, targetId)
    const targets = items.map(async (target) => ({
      TargetId: targetId(target),
      Arn: targetArn(organization, target),
      Name: await targetName(reads, target),
      Type: target.type,
    }))
    return { Targets: await Promise.all(targets), ...more }
  },
  record: (input) => recordOf(input),
})
