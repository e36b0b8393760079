import { z } from 'zod'
import { errorKind } from '../../../kernel/errors.ts'
import { globalReadOperation, need } from '../../../kernel/operation.ts'

const ResourceNotFoundException = errorKind(
  'ResourceNotFoundException',
  404,
  'No refusal of that id is remembered that this account may see.',
)

/** Explains a refusal to the account whose resource it protects; null where there is none for it to see. */
export type ExplainRefusal = (requestId: string, account: string) => Promise<string | null>

/**
 * Says why a request was refused: the text of `keyspan explain`, without the own side of a caller of another account.
 *
 * It shows policies and what the request had, so only the account whose resource was asked for sees it; and in that
 * account, who may `keyspan:ExplainRefusal`.
 */
export const explainRefusal = (explain: ExplainRefusal) =>
  globalReadOperation({
    name: 'ExplainRefusal',
    errors: [ResourceNotFoundException],
    input: z.object({ RequestId: z.string().min(1).max(64) }),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:ExplainRefusal', '*', region)],
    async run({ RequestId }, _found, { caller }) {
      const text = await explain(RequestId, caller.account)
      if (text === null) {
        throw ResourceNotFoundException(
          `No refusal of request ${RequestId} is remembered that account ${caller.account} may see. The id is in the ` +
            'header x-keyspan-explain of the refusal, and the last 1,000 are remembered.',
        )
      }
      return { Text: text }
    },
    record: ({ RequestId }) => ({ requestParameters: { requestId: RequestId }, resources: [] }),
  })
