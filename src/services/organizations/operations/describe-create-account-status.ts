import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { creationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Tells how the making of an account went. */
export const DescribeCreateAccountStatus = globalReadOperation({
  name: 'DescribeCreateAccountStatus',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.CreateAccountStatusNotFoundException,
  ],
  input: z.object({ CreateAccountRequestId: shape.creationId }),
  async load({ CreateAccountRequestId: name }, call, reads) {
    const { id } = await findManagedOrganization(call, reads)
    const found = await reads.document({ kind: 'account-creation', account: id, name })
    if (found === null) throw errors.CreateAccountStatusNotFoundException()
    return found
  },
  requires: () => [needFor('DescribeCreateAccountStatus')],
  run: (_input, creation) => ({ CreateAccountStatus: creationAnswer(creation) }),
  record: (input) => recordOf(input),
})
