import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import type { useKeys } from './use-keys.ts'

interface KeysHeaderProps {
  readonly manager: 'CUSTOMER' | 'AWS'
  readonly count: number
  readonly listing: Pick<ReturnType<typeof useKeys>, 'error' | 'isPending' | 'isFetching' | 'refetch'>
}

const text = words.keys

/** What is above the list. */
export function KeysHeader({ manager, count, listing }: KeysHeaderProps) {
  const { error, isPending, isFetching } = listing
  const isOfCustomer = manager === 'CUSTOMER'
  const goTo = useGoTo()
  const reload = (): void => void listing.refetch()
  return (
    <SpaceBetween size="m">
      <Header
        variant="awsui-h1-sticky"
        counter={isPending ? '' : `(${count})`}
        description={isOfCustomer ? text.customerIntro : text.awsIntro}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="refresh" ariaLabel={text.reload} loading={isFetching} onClick={reload} />
            {isOfCustomer && (
              <Button variant="primary" onClick={() => goTo('keys/create')}>
                {text.create}
              </Button>
            )}
          </SpaceBetween>
        }
      >
        {isOfCustomer ? text.customerTitle : text.awsTitle}
      </Header>
      {error !== null && <ErrorAlert error={error} again={reload} />}
    </SpaceBetween>
  )
}
