import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existingPolicy, findPolicy, needOnPolicy } from '../managed-policies.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { versionView } from '../views.ts'

/** Orders versions by descending number. */
function newestFirst({ id }: { readonly id: string }): string {
  return String(1e9 - Number(id.slice(1))).padStart(10, '0')
}

/** Lists the versions of a managed policy, the newest first. */
export const ListPolicyVersions = globalReadOperation({
  name: 'ListPolicyVersions',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, ...shape.paging }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('ListPolicyVersions', found)],
  run(input, found) {
    const policy = existingPolicy(found)
    const { items, more } = pageOf('ListPolicyVersions', policy.versions, input, newestFirst)
    return { Versions: items.map((version) => versionView(policy, version)), ...more }
  },
  record: (input) => recordOf(input),
})
