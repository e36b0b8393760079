import type { Logger } from 'pino'
import { isManagedByAws } from '../kernel/access/decide.ts'
import type { Refusal } from '../kernel/access/need.ts'
import type { RefusalRules } from '../kernel/people.ts'
import type { Config } from './config/config.ts'
import type { RequestCounts } from './metrics/request-counts.ts'
import type { RefusalMemory } from './inspect/refusal-memory.ts'

type EnforcementConfig = Pick<Config, 'enforcement'>

/** How a server deals with refusals. */
export function rulesOf(
  config: EnforcementConfig,
  { remember }: RefusalMemory,
  { counts }: { readonly counts?: Pick<RequestCounts, 'decided'> },
  log: Logger,
): RefusalRules {
  return {
    isEnforced: (refusal) => isEnforced(refusal, config, log),
    remember,
    ...(counts !== undefined && { decided: counts.decided }),
  }
}

/** Says whether what policies refuse is refused. It is where no policy of the customer's has a say. */
function isEnforced({ call, need, question }: Refusal, { enforcement }: EnforcementConfig, log: Logger): boolean {
  const isFixed = question.notEnabledIn !== undefined || isManagedByAws(need.on)
  if (enforcement === 'enforce' || isFixed) return true
  const { requestId, caller, region } = call
  log.warn({ requestId, caller: caller.arn, action: need.action, region }, 'policies refuse this, and it was let pass')
  return false
}
