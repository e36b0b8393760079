import Box from '@cloudscape-design/components/box'
import { words } from '../../words/en.ts'

/** A policy to be read. */
export function PolicyDocument({ policy }: { readonly policy: string }) {
  return (
    <Box variant="code">
      <pre className="document" tabIndex={0} aria-label={words.key.policy.title}>
        {policy}
      </pre>
    </Box>
  )
}
