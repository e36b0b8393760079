import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { organizationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findOrganization, needFor } from '../requirements.ts'

/** Tells an account which organization it is in. */
export const DescribeOrganization = globalReadOperation({
  name: 'DescribeOrganization',
  errors: [errors.AWSOrganizationsNotInUseException],
  input: z.object({}),
  load: (_input, call, reads) => findOrganization(call, reads),
  requires: () => [needFor('DescribeOrganization')],
  run: async (_input, organization, _call, { reads }) => ({
    Organization: await organizationAnswer(reads, organization),
  }),
  record: (input) => recordOf(input),
})
