import { accountOf } from '../../kernel/access/condition-keys.ts'
import type { RefusedCall } from '../../kernel/refused-call.ts'
import type { RefusalHead } from '../../storage/refusals.ts'

/** What is known of a refusal besides why. */
export function headOf(refused: RefusedCall): RefusalHead {
  const { call, operation, code, because } = refused
  const { requestId: id, now: at, region, caller } = call
  return {
    id,
    at,
    account: caller.account,
    caller: caller.arn,
    principal: String(caller.keys['aws:PrincipalArn'] ?? caller.arn),
    operation,
    region,
    resource: resourceOf(because),
    owner: ownerOf(refused),
    code,
  }
}

/** The account of what a refusal is about; null where it is nobody's. */
export function ownerOf({ because }: RefusedCall): string | null {
  if (because === null) return null
  return 'why' in because ? because.owner : accountOf(because.need.on)
}

function resourceOf(because: RefusedCall['because']): string | null {
  if (because === null) return null
  if ('why' in because) return because.resource
  const { on } = because.need
  return typeof on === 'string' ? on : on.arn
}
