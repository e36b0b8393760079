import Box from '@cloudscape-design/components/box'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Tabs from '@cloudscape-design/components/tabs'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { Path } from '../../parts/path.tsx'
import { usePart, useSignedIn } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { GeneralConfiguration } from './general-configuration.tsx'
import { KeyActions } from './key-actions.tsx'
import { tabsOf, tabsOfForeign } from './tabs.tsx'
import { useKey } from './use-key.ts'

const OF_CUSTOMER = { to: 'keys', title: words.keys.customerTitle }
const OF_AWS = { to: 'aws-keys', title: words.keys.awsTitle }

/** One key of the Region. */
export function KeyPage({ keyId }: { readonly keyId: string }) {
  const { data, error, refetch } = useKey(keyId)
  const { account } = useSignedIn()
  const [tab, setTab] = usePart()
  const isForeign = data !== undefined && data.AWSAccountId !== account
  // Another account's key is known by its ARN alone.
  const key = isForeign ? { ...data, KeyId: data.Arn } : data
  const tabs = key === undefined ? [] : isForeign ? tabsOfForeign(key) : tabsOf(key)
  return (
    <ContentLayout
      header={
        <SpaceBetween size="xs">
          <Path {...(key?.KeyManager === 'AWS' ? OF_AWS : OF_CUSTOMER)} here={keyId} />
          <Header
            variant="h1"
            actions={key?.KeyManager === 'CUSTOMER' && !isForeign && <KeyActions keyMetadata={key} />}
          >
            {keyId}
          </Header>
        </SpaceBetween>
      }
    >
      {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
      {key === undefined && error === null && (
        <Box textAlign="center" padding="xxl">
          <Spinner size="large" />
        </Box>
      )}
      {key !== undefined && (
        <SpaceBetween size="l">
          <GeneralConfiguration keyMetadata={key} isForeign={isForeign} />
          <Tabs
            ariaLabel={words.key.tabs}
            i18nStrings={{ scrollLeftAriaLabel: words.key.tabsLeft, scrollRightAriaLabel: words.key.tabsRight }}
            activeTabId={tabs.some(({ id }) => id === tab) ? tab : (tabs[0]?.id ?? '')}
            onChange={({ detail }) => setTab(detail.activeTabId)}
            tabs={tabs}
          />
        </SpaceBetween>
      )}
    </ContentLayout>
  )
}
