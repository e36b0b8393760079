import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { findTarget, targetArn } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Tells what a unit or account is directly in. */
export const ListParents = globalReadOperation({
  name: 'ListParents',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ChildNotFoundException,
    errors.InvalidInputException,
  ],
  input: z.object({ ChildId: shape.childId, ...shape.page }),
  async load({ ChildId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    const child = await findTarget(reads, organization, ChildId)
    if (child === null || child.type === 'ROOT') throw errors.ChildNotFoundException()
    return { organization, child }
  },
  requires: (_input, { organization, child }) => [needFor('ListParents', targetArn(organization, child))],
  run(input, { organization, child }) {
    const { parent } = child.content
    const Type = parent === organization.root.id ? 'ROOT' : 'ORGANIZATIONAL_UNIT'
    const { items, ...more } = pageOf('ListParents', [{ Id: parent, Type }], input, ({ Id }) => Id)
    return { Parents: items, ...more }
  },
  record: (input) => recordOf(input),
})
