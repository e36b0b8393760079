import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'

/** Says who the caller is. It needs no permission, and none can take it away (AWS STS API Reference). */
export const GetCallerIdentity = globalReadOperation({
  name: 'GetCallerIdentity',
  errors: [],
  input: z.object({}),
  load: () => null,
  requires: () => [],
  run: (_input, _found, { caller }) => ({
    UserId: caller.record.principalId,
    Account: caller.account,
    Arn: caller.arn,
  }),
  record: () => ({ requestParameters: null, resources: [] }),
})
