import { z } from 'zod'
import { ATTACHED_POLICIES_PER_TYPE } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { attachmentNeeds, findAttachment } from '../attachments.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { changeTarget } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Attaches a policy to the root, a unit or an account: it decides there, and for everything below. */
export const AttachPolicy = globalWriteOperation({
  name: 'AttachPolicy',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.DuplicatePolicyAttachmentException,
    errors.PolicyNotFoundException,
    errors.PolicyTypeNotEnabledException,
    errors.TargetNotFoundException,
  ],
  input: z.object({ PolicyId: shape.policyId, TargetId: shape.targetId }),
  load: findAttachment,
  requires: (_input, attachment) => attachmentNeeds('AttachPolicy', attachment),
  async run(_input, { organization, policy: { id, type }, target }, _call, { writes }): Promise<void> {
    if (!organization.root.policyTypes.includes(type)) throw errors.PolicyTypeNotEnabledException()
    const { attached } = target.content
    if (attached[type].includes(id)) throw errors.DuplicatePolicyAttachmentException()
    if (attached[type].length >= ATTACHED_POLICIES_PER_TYPE) {
      throw errors.ConstraintViolationException(
        `At most ${ATTACHED_POLICIES_PER_TYPE} policies of a type can be attached to a root, OU or account.`,
        { Reason: 'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED' },
      )
    }
    await changeTarget(writes, organization, target, { attached: { ...attached, [type]: [...attached[type], id] } })
  },
  record: (input) => recordOf(input),
})
