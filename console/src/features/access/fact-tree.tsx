import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import TreeView from '@cloudscape-design/components/tree-view'
import { useState } from 'react'
import type { Fact } from '../../api/access.ts'
import { words } from '../../words/en.ts'

const text = words.access.tree
const TYPES: Readonly<Record<Fact['outcome'], StatusIndicatorProps.Type>> = {
  allow: 'success',
  deny: 'error',
  'no-match': 'stopped',
  info: 'info',
}

/** A fact with its place, which names it. */
interface Node {
  readonly id: string
  readonly fact: Fact
}

/** Everything that had a say in a decision, as a tree whose branches open. */
export function FactTree({ root }: { readonly root: Fact }) {
  const top: Node = { id: '0', fact: root }
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(decisive(top)))
  return (
    <TreeView<Node>
      ariaLabel={text.label}
      connectorLines="vertical"
      items={[top]}
      getItemId={({ id }) => id}
      getItemChildren={childrenOf}
      expandedItems={[...open]}
      onItemToggle={({ detail: { id, expanded } }) =>
        setOpen((known) => new Set(expanded ? [...known, id] : [...known].filter((each) => each !== id)))
      }
      renderItem={({ fact: { label, detail, outcome } }) => ({
        icon: <StatusIndicator type={TYPES[outcome]} iconAriaLabel={text.outcomes[outcome]} />,
        content: label,
        ...(detail !== undefined && { secondaryContent: detail }),
        announcementLabel: `${label}: ${text.outcomes[outcome]}`,
      })}
      i18nStrings={{
        expandButtonLabel: ({ fact }) => text.open(fact.label),
        collapseButtonLabel: ({ fact }) => text.close(fact.label),
      }}
    />
  )
}

function childrenOf({ id, fact }: Node): Node[] {
  return fact.children.map((child, index) => ({ id: `${id}.${index}`, fact: child }))
}

/** Those that are open at first: the root, and what has the outcome that it has. */
function decisive(node: Node): readonly string[] {
  const alike = childrenOf(node).filter(({ fact }) => fact.outcome === node.fact.outcome && fact.children.length > 0)
  return [node.id, ...alike.flatMap(decisive)]
}
