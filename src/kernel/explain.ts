import { rootArn } from '../domain/arn.ts'
import type { DenialReason, Question } from '../policy/authorize.ts'
import { explain as explainDecision } from '../policy/explain.ts'
import { formatExplanation } from '../policy/explanation.ts'
import { accountOf } from './condition-keys.ts'
import type { Caller } from './caller.ts'
import type { Need } from './operation.ts'

/** A question about one permission, and who asks it. */
export interface Asked {
  readonly need: Need
  readonly question: Question
  readonly caller: Caller
}

/**
 * Tells a person why a permission is given or refused: every layer and statement that had a say, and, where it is
 * refused, the smallest change that would give it.
 */
export function explain({ need, question, caller }: Asked): string {
  const { decision, tree } = explainDecision(question)
  const resource = typeof need.on === 'string' ? need.on : need.on.arn
  const lines = [
    `${decision.allowed ? 'ALLOWED' : 'REFUSED'}  ${need.action}`,
    `  on      ${resource}`,
    `  in      ${need.region}`,
    `  for     ${caller.arn}`,
    '',
    formatExplanation(tree),
  ]
  if (!decision.allowed) lines.push('', ...remedyFor(decision.reason, need, caller, resource))
  return lines.join('\n')
}

function remedyFor(reason: DenialReason, need: Need, caller: Caller, resource: string): readonly string[] {
  const account = accountOf(need.on)
  const isForeign = account !== null && account !== caller.account
  const principal = String(caller.keys['aws:PrincipalArn'] ?? caller.arn)
  const allow = (more: object) => JSON.stringify({ Effect: 'Allow', ...more, Action: need.action, Resource: '*' })
  if (reason.kind === 'explicit-deny') {
    return [
      `What would allow it: the statement marked "!" above denies it, and no permission outweighs that. Narrow its`,
      `conditions, its principals or its actions, so that it does not match this request.`,
    ]
  }
  switch (reason.layer) {
    case 'resource': {
      const statement = allow({ Principal: { AWS: isForeign ? rootArn(caller.account) : principal } })
      const lines = [
        `What would allow it: this statement in the policy of ${resource}, in ${need.region}:`,
        `  ${statement}`,
      ]
      if (isForeign) lines.push(`and a policy of ${principal} that allows ${need.action} on it as well.`)
      else if (caller.type !== 'root') {
        lines.push(
          `or one that leaves the decision to the account's own policies, "Principal": {"AWS": "${rootArn(caller.account)}"}.`,
        )
      }
      return lines
    }
    case 'identity':
      return [
        `What would allow it: this statement in a policy of ${principal}:`,
        `  ${JSON.stringify({ Effect: 'Allow', Action: need.action, Resource: resource })}`,
      ]
    case 'boundary':
      return [`What would allow it: the permissions boundary of ${principal} must allow ${need.action} too.`]
    case 'session':
      return [`What would allow it: the policies that the session was begun with must allow ${need.action} too.`]
    case 'scp':
      return [
        `What would allow it: at each level of the organization a service control policy must allow ${need.action}.`,
      ]
    case 'rcp':
    case 'vpce':
      return [
        `What would allow it: the ${reason.layer === 'rcp' ? 'resource control' : 'endpoint'} policies must allow it.`,
      ]
  }
}
