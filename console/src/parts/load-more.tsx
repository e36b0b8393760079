import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'

interface LoadMoreProps {
  readonly label: string
  readonly isLoading: boolean
  readonly onMore: () => void
}

/** Goes on with a listing, below what is shown of it. */
export function LoadMore({ label, isLoading, onMore }: LoadMoreProps) {
  return (
    <Box textAlign="center">
      <Button loading={isLoading} onClick={onMore}>
        {label}
      </Button>
    </Box>
  )
}
