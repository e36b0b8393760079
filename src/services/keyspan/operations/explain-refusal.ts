import { z } from 'zod'
import type { Explained } from '../../../kernel/explain/explained.ts'
import { explainedText } from '../../../kernel/explain/text.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'

/** Explains a refusal to the account of its caller or of what it asked for; null where there is none for it to see. */
export type ExplainRefusal = (requestId: string, account: string) => Promise<Explained | null>

/**
 * Says why a request was refused: the text of `keyspan explain`, and the same for programs. The account of the caller sees its own side of it, and
 * the account of what was asked for sees that side; in both, who may `keyspan:ExplainRefusal`.
 */
export const explainRefusal = (explain: ExplainRefusal) =>
  globalReadOperation({
    name: 'ExplainRefusal',
    errors: [errors.ResourceNotFoundException],
    input: z.object({ RequestId: z.string().min(1).max(64), Verbose: z.boolean().default(false) }),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:ExplainRefusal', '*', region)],
    async run({ RequestId, Verbose }, _found, { caller }) {
      const explained = await explain(RequestId, caller.account)
      if (explained === null) {
        throw errors.ResourceNotFoundException(
          `No refusal of request ${RequestId} is remembered that account ${caller.account} may see. The id is in the ` +
            "header x-keyspan-explain of the refusal, and each account's last 1,000 are remembered for seven days.",
        )
      }
      return { Text: explainedText(explained, Verbose), Explanation: explained }
    },
    record: ({ RequestId }) => ({ requestParameters: { requestId: RequestId }, resources: [] }),
  })
