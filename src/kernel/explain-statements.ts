import type { ExplanationNode } from '../policy/explanation.ts'

/** A statement in an explanation, with the policy that it is in. */
interface Found {
  readonly statement: ExplanationNode
  readonly policy: string
}

const MOST = 3

function statementsIn(node: ExplanationNode, policy: string): readonly Found[] {
  if (/^(Allow|Deny) statement /.test(node.label)) return [{ statement: node, policy }]
  return node.children.flatMap((child) => statementsIn(child, node.label))
}

/** The statements that deny, and what of the request each of them is about. */
export function denyingStatements(tree: ExplanationNode): readonly string[] {
  return statementsIn(tree, '')
    .filter(({ statement: { label, outcome } }) => label.startsWith('Deny') && outcome === 'deny')
    .slice(0, MOST)
    .flatMap(({ statement, policy }) => [
      `  ${statement.label} of ${policy}${statement.children.some(isCondition) ? ', because' : ''}`,
      ...statement.children.filter(isCondition).map(({ detail }) => `    ${detail}`),
    ])
}

/** The statements that would allow but for their conditions, and which of those do not hold. */
export function almostAllowing(tree: ExplanationNode): readonly string[] {
  return statementsIn(tree, '')
    .map(({ statement, policy }) => ({
      statement,
      policy,
      failing: statement.children.filter(({ outcome }) => outcome === 'no-match'),
    }))
    .filter(({ statement, failing }) => {
      return statement.label.startsWith('Allow') && failing.length > 0 && failing.every(isCondition)
    })
    .slice(0, MOST)
    .flatMap(({ statement, policy, failing }) => [
      `  ${statement.label} of ${policy}, but`,
      ...failing.map(({ detail }) => `    ${detail}`),
    ])
}

function isCondition({ label }: ExplanationNode): boolean {
  return label.startsWith('Condition ')
}
