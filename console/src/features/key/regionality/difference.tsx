import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Table from '@cloudscape-design/components/table'
import type { KeyFamily } from '../../../api/family.ts'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { family as text } from '../../../words/family.ts'
import { differencesOf, type Differing } from './differences.ts'
import { leadOf } from './links.ts'
import { PolicyLines } from './policy-lines.tsx'
import { usePolicyDifferences } from './use-family.ts'

interface DifferenceProps {
  readonly keyId: string
  readonly family: KeyFamily
  readonly region: string
  readonly onClose: () => void
}

/** How the key in one Region differs from the primary: each property, and the policy line by line. */
export function Difference({ keyId, family, region, onClose }: DifferenceProps) {
  const from = leadOf(family)?.Region ?? ''
  const differences = differencesOf(family, region) ?? []
  const values = differences.filter(({ name }) => name !== 'policy')
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button onClick={onClose}>{text.close}</Button>}>
          {text.how(region, from)}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {values.length > 0 && (
          <Table<Differing>
            variant="embedded"
            items={values}
            trackBy="name"
            wrapLines
            columnDefinitions={[
              {
                id: 'name',
                header: text.property,
                cell: ({ name }) => text.properties[name] ?? name,
                isRowHeader: true,
              },
              { id: 'there', header: from, cell: ({ there }) => <span className="name">{there}</span> },
              { id: 'here', header: region, cell: ({ here }) => <span className="name">{here}</span> },
            ]}
          />
        )}
        {values.length < differences.length && <PolicyDifference keyId={keyId} region={region} from={from} />}
      </SpaceBetween>
    </Container>
  )
}

interface PolicyDifferenceProps {
  readonly keyId: string
  readonly region: string
  readonly from: string
}

function PolicyDifference({ keyId, region, from }: PolicyDifferenceProps) {
  const { data, error, refetch } = usePolicyDifferences(keyId)
  const found = data?.find(({ To }) => To === region)
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{text.policy}</Box>
      {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
      {data === undefined && error === null && <Spinner />}
      {data !== undefined && found === undefined && text.samePolicy}
      {found !== undefined && <PolicyLines lines={found.Lines} first={from} second={region} />}
    </SpaceBetween>
  )
}
