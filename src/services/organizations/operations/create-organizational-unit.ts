import { z } from 'zod'
import { initialPolicies } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptTags } from '../accept-tags.ts'
import { unitAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requireParent } from '../find.ts'
import { newId } from '../new-id.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, tagContext } from '../requirements.ts'
import { putUnit, targetArn } from '../targets.ts'
import { requireUnitFits, requireUnitNameFree } from '../unit-rules.ts'
import * as shape from '../shapes.ts'

/** Makes a unit below the root or below another unit. */
export const CreateOrganizationalUnit = globalWriteOperation({
  name: 'CreateOrganizationalUnit',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.DuplicateOrganizationalUnitException,
    errors.InvalidInputException,
    errors.ParentNotFoundException,
  ],
  input: z.object({ ParentId: shape.parentId, Name: shape.name, Tags: shape.tags.optional() }),
  async load({ ParentId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, parent: await requireParent(reads, organization, ParentId) }
  },
  requires: ({ Tags }, { organization, parent }) => [
    needFor('CreateOrganizationalUnit', targetArn(organization, parent), tagContext(Tags)),
  ],
  async run({ ParentId, Name, Tags }, { organization }, _call, { writes, random }) {
    const tags = acceptTags(Tags)
    await requireUnitFits(writes, organization, ParentId)
    await requireUnitNameFree(writes, organization, { parent: ParentId, name: Name })
    const { root } = organization
    const id = `ou-${root.id.slice(2)}-${newId(random, 8)}`
    const unit = { id, name: Name, parent: ParentId, attached: initialPolicies(root), tags }
    await putUnit(writes, organization, unit)
    return { OrganizationalUnit: await unitAnswer(writes, organization, unit) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
