import { z } from 'zod'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { AuditProofs } from '../audit-proofs.ts'
import { errors } from '../errors.ts'

/**
 * Says what the audit logs of a Region have last signed, how many records that covers, and which Regions vouch for it.
 * A checkpoint is of the whole log: it tells how many records there are, and of none what it says.
 */
export const describeAuditLog = ({ describe }: Pick<AuditProofs, 'describe'>) =>
  globalReadOperation({
    name: 'DescribeAuditLog',
    errors: Object.values(errors),
    input: z.object({}),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:DescribeAuditLog', '*', region)],
    async run(_input, _found, { region, caller: { account } }) {
      const logs = await describe(account, region)
      return {
        Logs: logs.map(({ place, key, checkpoint, witnesses }) => ({
          Place: place,
          Key: key,
          ...(checkpoint !== null && {
            Checkpoint: { Records: checkpoint.records, Time: new Date(checkpoint.time), Text: checkpoint.text },
          }),
          Witnesses: witnesses.map((each) => ({
            Place: each.place,
            Key: each.key,
            Records: each.records,
            Time: new Date(each.time),
          })),
        })),
      }
    },
    record: () => ({ requestParameters: null, resources: [] }),
  })
