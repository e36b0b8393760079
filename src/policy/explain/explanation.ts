import type { Layer } from '../layers.ts'

/**
 * A fact of an explanation, and the facts that it rests on. One type for everything, so that a terminal, a web
 * page and a log can render it alike.
 */
export interface ExplanationNode {
  readonly label: string
  /** `info` is neither for nor against: a layer that is absent, a condition that holds. */
  readonly outcome: 'allow' | 'deny' | 'no-match' | 'info'
  readonly detail?: string
  readonly children: readonly ExplanationNode[]
}

/** What of an explanation is not its reader's: it has its say, and is not shown. */
export interface Hidden {
  readonly layers: readonly Layer[]
  /** Whether the value of a condition key is hidden; by its lower-case name. */
  readonly hasKey: (lowerCaseKey: string) => boolean
}

/** For whoever may read all. */
export const NOTHING_HIDDEN: Hidden = { layers: [], hasKey: () => false }

/** Makes a node. */
export function fact(
  label: string,
  outcome: ExplanationNode['outcome'],
  detail?: string,
  children: readonly ExplanationNode[] = [],
): ExplanationNode {
  return { label, outcome, children, ...(detail === undefined ? {} : { detail }) }
}

const MOST_VALUES = 8
const LONGEST_VALUE = 160

/** Shows values in quotes: not more than a reader takes in, as a policy may hold thousands. */
export function quote(values: readonly string[]): string {
  const shown = values
    .slice(0, MOST_VALUES)
    .map((value) => JSON.stringify(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}...` : value))
  const more = values.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Renders an explanation as indented lines. */
export function formatExplanation(node: ExplanationNode, indent = ''): string {
  const sign = { allow: '+', deny: '!', 'no-match': '-', info: ' ' }[node.outcome]
  const detail = node.detail === undefined ? '' : `: ${node.detail}`
  const children = node.children.map((child) => `\n${formatExplanation(child, `${indent}  `)}`)
  return `${indent}${sign} ${node.label}${detail}${children.join('')}`
}
