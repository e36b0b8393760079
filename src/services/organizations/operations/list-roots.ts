import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { rootAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Lists the root of an organization: there is one. */
export const ListRoots = globalReadOperation({
  name: 'ListRoots',
  errors: [errors.AccessDeniedException, errors.AWSOrganizationsNotInUseException, errors.InvalidInputException],
  input: z.object(shape.page),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: () => [needFor('ListRoots')],
  run(input, organization) {
    const { items, ...more } = pageOf('ListRoots', [rootAnswer(organization)], input, ({ Id }) => Id)
    return { Roots: items, ...more }
  },
  record: (input) => recordOf(input),
})
