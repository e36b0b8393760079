import { z } from 'zod'
import { asParameters } from '../../../kernel/audit.ts'
import { explainedText } from '../../../kernel/explain/text.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { AccessQuestions } from '../access-questions.ts'
import { errors } from '../errors.ts'
import * as shape from '../shapes.ts'

/**
 * Says what would become of a request of KMS that a principal of the account makes on what is the account's own, and
 * does nothing: as `keyspan explain --as --operation`.
 */
export const simulateRequest = ({ simulate }: Pick<AccessQuestions, 'simulate'>) =>
  globalReadOperation({
    name: 'SimulateRequest',
    errors: Object.values(errors),
    input: z.object({
      Principal: z.string().min(1).max(2048),
      Operation: z.string().min(1).max(128),
      KeyId: z.string().min(1).max(2048).optional(),
      Region: z.string().min(1).max(64).optional(),
      Input: z.record(z.string(), z.unknown()).default({}),
      Context: shape.conditionKeys.default({}),
      SourceIp: z.string().max(64).optional(),
      Verbose: z.boolean().default(false),
    }),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:SimulateRequest', '*', region)],
    async run(asked, _found, call) {
      const { allowed, refusal, assumed, explained } = await simulate(call.caller.account, {
        as: asked.Principal,
        operation: asked.Operation,
        key: asked.KeyId ?? null,
        region: asked.Region ?? call.region,
        input: asked.Input,
        context: asked.Context,
        sourceIp: asked.SourceIp ?? null,
      })
      return {
        Allowed: allowed,
        Refusal: refusal,
        Assumed: assumed,
        Text: explainedText(explained, asked.Verbose),
        Explanation: explained,
      }
    },
    // What a request would say may be secret.
    record: ({ Input: _secret, ...asked }) => ({ requestParameters: asParameters(asked), resources: [] }),
  })
