import { formatExplanation, type ExplanationNode } from '../../policy/explain/explanation.ts'
import type { Explained, ExplainedPermission, ExplainedStep, Remedy } from './explained.ts'

/** What a reader takes in of the ways to one end. */
const MOST_REMEDIES = 4

/**
 * An explanation for people: who lacks what, why, and what to do; then what else there is to know.
 *
 * @param isVerbose whether everything that had a say is shown as well
 */
export function explainedText({ permissions, notes }: Explained, isVerbose = false): string {
  const blocks = permissions.map((each) => permissionText(each, isVerbose))
  const hasMore = !isVerbose && permissions.some(({ tree }) => tree !== null)
  const more = hasMore ? ['--verbose shows every policy that had a say.'] : []
  return [...blocks, ...notes, ...more].join('\n\n')
}

function permissionText(permission: ExplainedPermission, isVerbose: boolean): string {
  const { allowed, steps, isEnough, notes, tree, supposed } = permission
  const isOne = steps.length <= 1
  return [
    ...headOf(permission),
    ...(supposed === undefined ? [] : [`Suppose: ${supposed}`]),
    ...(allowed && tree !== null ? allowingLines(tree) : []),
    ...steps.flatMap((step, index) => stepLines(step, isOne ? '' : `${index + 1}. `)),
    ...(isOne || !isEnough ? [] : ['All of this is needed.']),
    ...notes.map((note) => `Note:    ${note}`),
    ...(isVerbose && tree !== null ? ['', formatExplanation(tree)] : []),
  ].join('\n')
}

function headOf({ allowed, action, resource, region, calledIn, caller }: ExplainedPermission): readonly string[] {
  const place = resource === null || resource === '*' ? '' : ` on ${resource}`
  const isSaid = resource?.split(':')[3] === region
  const where = region !== calledIn ? ` in ${region}, which the request to ${calledIn} needs too` : ` in ${region}`
  return [
    `${allowed ? 'ALLOWED' : 'REFUSED'}  ${action}${place}${isSaid && region === calledIn ? '' : where}`,
    `for      ${caller}`,
  ]
}

function stepLines({ cause, remedies }: ExplainedStep, number: string): readonly string[] {
  return [
    `${number}Why:     ${cause}`.replace(/^(\d+\. )Why: {5}/, '$1Why:  '),
    ...remedies.slice(0, MOST_REMEDIES).flatMap((remedy, index) => remedyLines(remedy, index === 0)),
  ]
}

function remedyLines(remedy: Remedy, isFirst: boolean): readonly string[] {
  const lines = [`${isFirst ? 'Remedy:  ' : 'or:      '}${remedy.text}`]
  if (remedy.kind === 'policy') lines.push(`  ${JSON.stringify(remedy.statement)}`)
  if (remedy.kind === 'policy' && remedy.opens !== undefined) lines.push(`  This opens more: ${remedy.opens}.`)
  if (remedy.kind === 'grant' || remedy.kind === 'command') lines.push(`  ${remedy.command}`)
  return lines
}

/** The statements and grants by which something is allowed. */
function allowingLines(tree: ExplanationNode): readonly string[] {
  const found = allowingIn(tree, '').slice(0, MOST_REMEDIES)
  return found.map((text, index) => `${index === 0 ? 'By:      ' : '         '}${text}`)
}

function allowingIn({ label, outcome, children }: ExplanationNode, policy: string): readonly string[] {
  if (outcome !== 'allow') return []
  if (label.startsWith('Allow statement ')) return [`${label.replace(/^Allow /, '')} of ${policy}`]
  if (policy === 'Grants') return [`grant ${label}`]
  return children.flatMap((child) => allowingIn(child, label))
}
