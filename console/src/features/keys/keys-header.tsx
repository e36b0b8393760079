import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { actionItems, type KeyAction } from '../../parts/key-actions/actions.ts'
import { useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import type { DescribedKey, useKeys } from './use-keys.ts'

interface KeysHeaderProps {
  readonly selected: readonly DescribedKey[]
  readonly onAction: (action: KeyAction) => void
  readonly manager: 'CUSTOMER' | 'AWS'
  readonly count: number
  readonly listing: Pick<ReturnType<typeof useKeys>, 'data' | 'error' | 'isFetching' | 'refetch'>
}

const text = words.keys

/** What is above the list. */
export function KeysHeader({ manager, count, selected, onAction, listing }: KeysHeaderProps) {
  const { data, error, isFetching } = listing
  const isOfCustomer = manager === 'CUSTOMER'
  const goTo = useGoTo()
  const reload = (): void => void listing.refetch()
  return (
    <SpaceBetween size="m">
      <Header
        variant="awsui-h1-sticky"
        counter={data === undefined ? '' : selected.length > 0 ? `(${selected.length}/${count})` : `(${count})`}
        description={isOfCustomer ? text.customerIntro : text.awsIntro}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="refresh" ariaLabel={text.reload} loading={isFetching} onClick={reload} />
            {isOfCustomer && (
              <ButtonDropdown
                disabled={selected.length === 0}
                items={actionItems(selected.map(({ metadata }) => metadata.KeyState))}
                onItemClick={({ detail }) => onAction(detail.id as KeyAction)}
              >
                {words.keyActions.title}
              </ButtonDropdown>
            )}
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
