import Box from '@cloudscape-design/components/box'
import { PageLink } from './page-link.tsx'
import { words } from '../words/en.ts'

/** What an address shows that names no page. */
export function NotFound() {
  return (
    <Box padding="xxl" textAlign="center">
      <Box variant="h1">{words.errors.notFound}</Box>
      <Box variant="p" color="text-body-secondary">
        {words.errors.notFoundText}
      </Box>
      <PageLink to="keys">{words.keys.customerTitle}</PageLink>
    </Box>
  )
}
