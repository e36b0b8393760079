import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { syntaxTree } from '@codemirror/language'
import type { SyntaxNode } from '@lezer/common'
import type { EditorState } from '@codemirror/state'
import { ACTIONS, CONDITION_KEYS } from './vocabulary.ts'

/** The names that can stand in a statement. */
const ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'Condition']

const OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'ArnNotLike',
  'Bool',
  'Null',
  'IpAddress',
  'NotIpAddress',
  'DateLessThan',
  'DateGreaterThan',
  'NumericLessThanEquals',
  'ForAllValues:StringEquals',
  'ForAnyValue:StringEquals',
  'StringEqualsIfExists',
]

const VALUES: Readonly<Record<string, readonly string[]>> = {
  Effect: ['Allow', 'Deny'],
  Action: ['kms:*', ...ACTIONS],
  NotAction: ['kms:*', ...ACTIONS],
}

/** What can stand in the string before the cursor: by where it stands in the policy. */
export function completePolicy({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const node = syntaxTree(state).resolveInner(pos, -1)
  if (node.name !== 'String' && node.name !== 'PropertyName') return null
  const from = node.from + 1
  if (pos < from || (!explicit && pos === from)) return null
  const labels = labelsFor(state, node)
  if (labels.length === 0) return null
  const isClosed = node.to - node.from > 1 && state.sliceDoc(node.to - 1, node.to) === '"'
  return {
    from,
    to: isClosed ? node.to - 1 : pos,
    options: labels.map((label) => ({ label })),
    validFor: /^[\w:*/.-]*$/,
  }
}

function labelsFor(state: EditorState, node: SyntaxNode): readonly string[] {
  const path = namesAbove(state, node)
  if (node.name === 'String') return VALUES[path[0] ?? ''] ?? []
  const [, above, further] = path
  if (above === 'Condition') return OPERATORS
  if (further === 'Condition') return CONDITION_KEYS
  return above === 'Statement' ? ELEMENTS : []
}

/** The names of the properties that a place is in, the innermost first. */
function namesAbove(state: EditorState, node: SyntaxNode): readonly string[] {
  const names: string[] = []
  for (let each: SyntaxNode | null = node; each !== null; each = each.parent) {
    if (each.name !== 'Property') continue
    const name = each.getChild('PropertyName')
    names.push(name === null ? '' : state.sliceDoc(name.from + 1, name.to - 1))
  }
  return names
}
