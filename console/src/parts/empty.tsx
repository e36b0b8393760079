import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

interface EmptyProps {
  readonly title: string
  readonly description: string
  /** What can be done about it. */
  readonly action?: ReactNode
}

/** What a table shows that has nothing. */
export function Empty({ title, description, action }: EmptyProps) {
  return (
    <Box textAlign="center" color="inherit" padding="l">
      <SpaceBetween size="m">
        <div>
          <b>{title}</b>
          <Box color="inherit">{description}</Box>
        </div>
        {action}
      </SpaceBetween>
    </Box>
  )
}
