import { useQueryClient } from '@tanstack/react-query'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { actionItems, type KeyAction } from '../../parts/key-actions/actions.ts'
import { useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import type { DescribedKey } from './use-keys.ts'
import { LOADED, useIsLoading } from './use-told.ts'

interface KeysHeaderProps {
  readonly selected: readonly DescribedKey[]
  readonly onAction: (action: KeyAction) => void
  readonly manager: 'CUSTOMER' | 'AWS'
  /** Null where it is not known yet. */
  readonly count: number | null
  /** Why the list, or something in it, could not be loaded; null where it could. */
  readonly error: Error | null
}

const text = words.keys

/** What is above the list. */
export function KeysHeader({ manager, count, selected, onAction, error }: KeysHeaderProps) {
  const queries = useQueryClient()
  const isLoading = useIsLoading()
  const isOfCustomer = manager === 'CUSTOMER'
  const goTo = useGoTo()
  const reload = (): void => {
    for (const what of LOADED) void queries.invalidateQueries({ queryKey: [what] })
  }
  return (
    <SpaceBetween size="m">
      <Header
        variant="awsui-h1-sticky"
        counter={count === null ? '' : selected.length > 0 ? `(${selected.length}/${count})` : `(${count})`}
        description={isOfCustomer ? text.customerIntro : text.awsIntro}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button iconName="refresh" ariaLabel={text.reload} loading={isLoading} onClick={reload} />
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
