import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import { words } from '../words/en.ts'

interface MoreProps {
  /** A listing that is asked for page by page. */
  readonly listing: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly fetchNextPage: () => unknown
  }
}

/** Asks for the next page of a listing, where there is one. */
export function More({ listing: { hasNextPage, isFetchingNextPage, fetchNextPage } }: MoreProps) {
  if (!hasNextPage) return null
  return (
    <Box textAlign="center">
      <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {words.access.more}
      </Button>
    </Box>
  )
}
