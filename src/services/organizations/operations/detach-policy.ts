import { z } from 'zod'
import { MANAGED_CONTROL_POLICIES } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { attachmentNeeds, findAttachment } from '../attachments.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { changeTarget } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Detaches a policy. At least one service control policy stays: where there is none, nothing would be allowed. */
export const DetachPolicy = globalWriteOperation({
  name: 'DetachPolicy',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.InvalidInputException,
    errors.PolicyNotAttachedException,
    errors.PolicyNotFoundException,
    errors.TargetNotFoundException,
  ],
  input: z.object({ PolicyId: shape.policyId, TargetId: shape.targetId }),
  load: findAttachment,
  requires: (_input, attachment) => attachmentNeeds('DetachPolicy', attachment),
  async run(_input, { organization, policy: { id, type }, target }, _call, { writes }): Promise<void> {
    const { attached } = target.content
    if (!attached[type].includes(id)) throw errors.PolicyNotAttachedException()
    if (id === MANAGED_CONTROL_POLICIES.RESOURCE_CONTROL_POLICY.id) {
      throw errors.InvalidInputException('You cannot detach the RCPFullAWSAccess policy.', {
        Reason: 'NON_DETACHABLE_POLICY',
      })
    }
    if (type === 'SERVICE_CONTROL_POLICY' && attached[type].length === 1) {
      throw errors.ConstraintViolationException(
        'You cannot remove the last policy attached to the specified target. You must have at least one attached at ' +
          'all times.',
        { Reason: 'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED' },
      )
    }
    const left = attached[type].filter((each) => each !== id)
    await changeTarget(writes, organization, target, { attached: { ...attached, [type]: left } })
  },
  record: (input) => recordOf(input),
})
