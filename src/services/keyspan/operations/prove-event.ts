import { z } from 'zod'
import { asParameters } from '../../../kernel/audit.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { AuditProofs } from '../audit-proofs.ts'
import { errors } from '../errors.ts'

/**
 * Proves that an event of the account that can be looked up in the Region stands in an audit log: what
 * `keyspan audit prove` prints. `Covered` is false while the event is newer than the last checkpoint.
 */
export const proveEvent = ({ prove }: Pick<AuditProofs, 'prove'>) =>
  globalReadOperation({
    name: 'ProveEvent',
    errors: Object.values(errors),
    input: z.object({ EventId: z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) }),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:ProveEvent', '*', region)],
    async run({ EventId }, _found, { region, caller: { account } }) {
      const proof = await prove(account, region, EventId)
      if (proof === null) return { Covered: false }
      const { place, record, index, text, key, witnesses } = proof
      return {
        Covered: true,
        Place: place,
        Record: record,
        Index: index,
        Proof: text,
        Key: key,
        WitnessKeys: witnesses,
      }
    },
    record: (input) => ({ requestParameters: asParameters(input), resources: [] }),
  })
