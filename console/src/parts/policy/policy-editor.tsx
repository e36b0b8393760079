import Box from '@cloudscape-design/components/box'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { EditorView } from '@codemirror/view'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { validateKeyPolicy, type PolicyFinding } from '../../api/access-analyzer.ts'
import { useAsking } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { ErrorAlert } from '../error-alert.tsx'
import { createEditor, goToOffset } from './create-editor.ts'

const text = words.policyEditor
const TYPES: Readonly<Record<PolicyFinding['findingType'], StatusIndicatorProps.Type>> = {
  ERROR: 'error',
  SECURITY_WARNING: 'warning',
  WARNING: 'warning',
  SUGGESTION: 'info',
}

interface PolicyEditorProps {
  readonly label: string
  /** The text at first: then it is the editor's. */
  readonly first: string
  readonly onChange: (text: string) => void
}

/** The text of a key policy, which is checked as it is typed. */
export function PolicyEditor({ label, first, onChange }: PolicyEditorProps) {
  const asking = useAsking()
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<EditorView | null>(null)
  // Whoever hears of a change may give it back: the editor goes on with its own.
  const [begun] = useState(first)
  const [findings, setFindings] = useState<readonly PolicyFinding[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const changed = useEffectEvent(onChange)
  const check = useEffectEvent(async (policy: string) => {
    try {
      const found = await validateKeyPolicy(asking, policy)
      setFindings(found)
      setError(null)
      return found
    } catch (failure) {
      setError(failure)
      return []
    }
  })
  useEffect(() => {
    if (place.current === null) return
    const view = createEditor({
      parent: place.current,
      text: begun,
      label,
      onChange: (policy) => changed(policy),
      check: (policy) => check(policy),
    })
    editor.current = view
    return () => view.destroy()
  }, [begun, label])
  return (
    <SpaceBetween size="s">
      <div ref={place} />
      <Box color="text-body-secondary" fontSize="body-s">
        {text.help}
      </Box>
      {error !== null && <ErrorAlert error={error} />}
      {findings !== null && (
        <Findings
          findings={findings}
          onFollow={(offset) => editor.current !== null && goToOffset(editor.current, offset)}
        />
      )}
    </SpaceBetween>
  )
}

interface FindingsProps {
  readonly findings: readonly PolicyFinding[]
  readonly onFollow: (offset: number) => void
}

function Findings({ findings, onFollow }: FindingsProps) {
  return (
    <section aria-label={text.findings} aria-live="polite">
      {findings.length === 0 ? (
        <StatusIndicator type="success">{text.good}</StatusIndicator>
      ) : (
        <ul className="findings">
          {findings.map(({ findingType, issueCode, findingDetails, locations }, index) => (
            <li key={index}>
              <StatusIndicator type={TYPES[findingType]}>{text.types[findingType]}</StatusIndicator>{' '}
              {locations[0] !== undefined && (
                <Link
                  href="#"
                  onFollow={(event) => (event.preventDefault(), onFollow(locations[0]?.span.start.offset ?? 0))}
                >
                  {text.line(locations[0].span.start.line)}
                </Link>
              )}{' '}
              {findingDetails} <Box variant="small">{issueCode}</Box>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
