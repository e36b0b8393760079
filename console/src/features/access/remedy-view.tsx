import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import type { Permission, Remedy } from '../../api/access.ts'
import { useSignedIn } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { ApplyRemedy } from './apply-remedy.tsx'
import { changeOf, whoCanApply } from './remedy-change.ts'
import { useMayApply } from './use-access.ts'

const text = words.access.remedy

interface RemedyViewProps {
  readonly remedy: Remedy
  readonly permission: Permission
  /** Whether it is the smallest, which is offered first. */
  readonly isFirst: boolean
}

/** Something that helps, and where it is a change that the account can make, a way to make it. */
export function RemedyView({ remedy, permission, isFirst }: RemedyViewProps) {
  const [isApplying, setApplying] = useState(false)
  const [isApplied, setApplied] = useState(false)
  const { account } = useSignedIn()
  const change = changeOf(remedy, permission, account)
  const whoCan = whoCanApply(remedy, permission, account)
  const mayApply = useMayApply(change)
  return (
    <SpaceBetween size="xs">
      <Box>{remedy.text}</Box>
      {remedy.kind === 'policy' && <Code text={JSON.stringify(remedy.statement, null, 2)} />}
      {'command' in remedy && remedy.command !== undefined && <Code text={remedy.command} />}
      {remedy.kind === 'policy' && remedy.opens !== undefined && (
        <StatusIndicator type="warning">{text.opens(remedy.opens)}</StatusIndicator>
      )}
      {isApplied && <StatusIndicator type="success">{text.applied}</StatusIndicator>}
      {whoCan !== null && <StatusIndicator type="info">{whoCan}</StatusIndicator>}
      {change !== null && !mayApply && <StatusIndicator type="stopped">{text.mayNot}</StatusIndicator>}
      {change !== null && mayApply && !isApplied && (
        <Button variant={isFirst ? 'primary' : 'normal'} onClick={() => setApplying(true)}>
          {text.apply}
        </Button>
      )}
      {change !== null && isApplying && (
        <ApplyRemedy change={change} onDone={() => setApplying(false)} onApplied={() => setApplied(true)} />
      )}
    </SpaceBetween>
  )
}

function Code({ text: code }: { readonly text: string }) {
  return (
    <Box variant="code">
      <pre className="document" tabIndex={0} aria-label={text.code}>
        {code}
      </pre>
    </Box>
  )
}
