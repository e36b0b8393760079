import { rootArn } from '../domain/arn.ts'
import type { Region } from '../domain/region.ts'
import type { DenialReason, Question } from '../policy/authorize.ts'
import { explain as explainDecision } from '../policy/explain.ts'
import { formatExplanation, type ExplanationNode } from '../policy/explanation.ts'
import { accountOf } from './condition-keys.ts'
import { isManagedByAws } from './decide.ts'
import type { Caller } from './caller.ts'
import { uselessGrants } from './explain-grants.ts'
import { almostAllowing, denyingStatements } from './explain-statements.ts'
import type { KeyFacts, Need, Reads } from './operation.ts'
import { hiddenFrom } from './other-side.ts'
import { momentOf, type PrincipalFate } from './principal-fate.ts'

/** A question about one permission, and who asks it. */
export interface Asked {
  readonly need: Need
  readonly question: Question
  readonly caller: Caller
  /** The keys that are related to the one that is asked for, in other Regions. */
  readonly related: readonly KeyFacts[]
  /** Where the request went: it may need permissions in another Region too. */
  readonly calledIn: Region
  /**
   * The account that reads it, the caller's or the resource's, which sees nothing of the other's side; null for whoever
   * runs the server.
   */
  readonly reader: string | null
  /** What would be, were the request done, where the permission is asked for as it is then. */
  readonly supposed?: string
  readonly principalFate: Reads['principalFate']
}

/**
 * Tells a person why a permission is given or refused: every layer and statement that had a say, and, where it is
 * refused, what comes close and the smallest change that would give it.
 */
export async function explain(asked: Asked): Promise<string> {
  const { need, question, caller, related, calledIn, reader, supposed } = asked
  const hidden = hiddenFrom(reader, caller.account, accountOf(need.on))
  const isResourceHidden = hidden.layers.includes('resource')
  const { decision, tree } = explainDecision(question, hidden)
  const resource = typeof need.on === 'string' ? need.on : need.on.arn
  const isElsewhere = need.region !== calledIn
  const lines = [
    `${decision.allowed ? 'ALLOWED' : 'REFUSED'}  ${need.action}`,
    `  on      ${resource}`,
    `  in      ${need.region}${isElsewhere ? `, where the request to ${calledIn} needs this permission as well` : ''}`,
    `  for     ${caller.arn}`,
    ...(supposed === undefined ? [] : [`  when    ${supposed}`]),
    '',
    formatExplanation(tree),
  ]
  if (decision.allowed) return lines.join('\n')
  const grants = isResourceHidden ? { lines: [], elsewhere: null } : await uselessGrants(need, caller, related)
  if (grants.lines.length > 0) lines.push('', 'Grants to the caller that do not give this:', ...grants.lines)
  if (hidden.layers.includes(decision.reason.layer) && decision.reason.notEnabledIn === undefined) {
    const left = `What would allow it is up to account ${caller.account}, the caller's: the key's side lets it in.`
    return [...lines, '', left].join('\n')
  }
  const isByPolicies = decision.reason.kind === 'implicit-deny' && decision.reason.notEnabledIn === undefined
  const close = isByPolicies ? almostAllowing(tree) : []
  if (close.length > 0) lines.push('', 'What comes close:', ...close)
  if (isByPolicies && !isResourceHidden) {
    lines.push(...(await namesakesOf(need.on, caller, asked.principalFate)).flatMap((line) => ['', line]))
  }
  lines.push('', ...remedyFor(decision.reason, { need, caller, resource, tree, isHidden: hidden.layers.length > 0 }))
  if (close.length > 0) lines.push('or that the conditions above are met, or fit this request.')
  const canGrant = isByPolicies && grants.elsewhere !== null
  if (canGrant) lines.push(`or a grant on the key in this Region: CreateGrant on ${resource}, in ${need.region}.`)
  return lines.join('\n')
}

interface Refused {
  readonly need: Need
  readonly caller: Caller
  readonly resource: string
  readonly tree: ExplanationNode
  /** Whether the caller's own side is not for the reader. */
  readonly isHidden: boolean
}

function remedyFor(reason: DenialReason, { need, caller, resource, tree, isHidden }: Refused): readonly string[] {
  const account = accountOf(need.on)
  const isForeign = account !== null && account !== caller.account
  const principal = String(caller.keys['aws:PrincipalArn'] ?? caller.arn)
  const allow = (more: object) => JSON.stringify({ Effect: 'Allow', ...more, Action: need.action, Resource: '*' })
  if (reason.kind === 'explicit-deny') {
    return [
      'What would allow it: that none of these matches, for no permission outweighs a Deny:',
      ...denyingStatements(tree),
      'Ask for what they leave alone, or narrow their conditions, principals or actions.',
    ]
  }
  if (reason.notEnabledIn !== undefined) {
    return [
      `What would allow it: that account ${caller.account} enables ${reason.notEnabledIn}, and then what follows from ` +
        'the policies above:',
      `  aws account enable-region --region-name ${reason.notEnabledIn} --region us-east-1`,
    ]
  }
  if (reason.layer === 'resource' && isManagedByAws(need.on)) {
    return [
      'Nothing would allow it: AWS manages this key, and its policy is for calls that the service makes for its users.',
      'Create a key of the account and use that instead.',
    ]
  }
  switch (reason.layer) {
    case 'resource': {
      const statement = allow({ Principal: { AWS: isForeign ? rootArn(caller.account) : principal } })
      const lines = [
        `What would allow it: this statement in the policy of ${resource}, in ${need.region}:`,
        `  ${statement}`,
      ]
      if (isHidden)
        return [...lines, `What ${caller.arn} may do as far as its own account is concerned, that account sees.`]
      const isOwnSideDone = caller.type === 'root' || outcomeOf(tree, 'Identity-based policies') === 'allow'
      if (isForeign) {
        const own = `${caller.arn} may do this as far as its own account is concerned`
        lines.push(isOwnSideDone ? `${own}.` : `and a policy of ${principal} that allows ${need.action} on it as well.`)
      } else if (caller.type !== 'root') {
        const left = `"Principal": {"AWS": "${rootArn(caller.account)}"}`
        const then = isOwnSideDone ? 'allow it already' : 'must then allow it too'
        lines.push(`or one that leaves the decision to the account's own policies, ${left}: they ${then}.`)
      }
      return lines
    }
    case 'identity':
      return [
        ...(isForeign ? [`The other half is there: account ${account} lets the caller in.`] : []),
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

/** The names of the caller by which a policy means somebody who had them before, in words. */
async function namesakesOf(
  on: Need['on'],
  { arn, forms, keys }: Caller,
  principalFate: Asked['principalFate'],
): Promise<readonly string[]> {
  if (typeof on === 'string') return []
  const principals = 'record' in on ? on.record.principals : on.principals
  const lines: string[] = []
  for (const { kind, id } of forms) {
    const name = kind === 'session' ? arn : String(keys['aws:PrincipalArn'])
    const meant = principals[name]
    if (meant === undefined || meant === id) continue
    lines.push(
      `The resource-based policy names ${name} and means ${meant}, ${becameOf(await principalFate(meant))}. The caller, ` +
        `${id}, is somebody new under that name. Put the policy again, with ${name} where ${meant} is shown now, to ` +
        'mean the caller.',
    )
  }
  return lines
}

function becameOf(fate: PrincipalFate): string {
  if (fate.kind === 'here') return `who is ${fate.arn} now`
  return fate.kind === 'deleted' ? `who was deleted on ${momentOf(fate.at)}` : 'who was deleted'
}

function outcomeOf(tree: ExplanationNode, layer: string): ExplanationNode['outcome'] | undefined {
  return tree.children.find(({ label }) => label === layer)?.outcome
}
