import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { KeyFamily } from '../../../api/family.ts'
import type { KeyMetadata } from '../../../api/kms.ts'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { useGoTo } from '../../../shell/place.ts'
import { family as words } from '../../../words/family.ts'
import { words as common } from '../../../words/en.ts'
import { ChangePrimary } from '../change-primary.tsx'
import { DeletionOrder } from './deletion-order.tsx'
import { Difference } from './difference.tsx'
import { Legend } from './map/legend.tsx'
import { WorldMap } from './map/world-map.tsx'
import { Related } from './related.tsx'
import { UnderWay } from '../../../parts/under-way.tsx'
import { useFamily } from './use-family.ts'

const text = common.key.regionality

/** The keys that are one key: where they are, what they are there, what is under way, and what can be done with them. */
export function RegionalityTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const { data, error, refetch } = useFamily(key.KeyId)
  const [shown, setShown] = useState<string | null>(null)
  const family = data ?? (error === null ? undefined : familyOf(key))
  return (
    <SpaceBetween size="l">
      {error !== null && <ErrorAlert error={error} again={() => void refetch()} />}
      <Container header={<TabHeader keyMetadata={key} />}>
        {family !== undefined && (
          <SpaceBetween size="m">
            <WorldMap family={family} />
            <Legend />
            {data === undefined ? words.withoutFamily : <UnderWay family={data} />}
          </SpaceBetween>
        )}
      </Container>
      {family !== undefined && (
        <Related
          keyId={key.KeyId}
          family={family}
          shown={shown}
          onShow={(region) => setShown(region === shown ? null : region)}
        />
      )}
      {data !== undefined && shown !== null && (
        <Difference keyId={key.KeyId} family={data} region={shown} onClose={() => setShown(null)} />
      )}
      {data !== undefined && <DeletionOrder keyId={key.KeyId} family={data} />}
    </SpaceBetween>
  )
}

function TabHeader({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const goTo = useGoTo()
  const [isChanging, setChanging] = useState(false)
  const isPrimary = key.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY'
  const replicas = key.MultiRegionConfiguration?.ReplicaKeys ?? []
  return (
    <>
      <Header
        variant="h2"
        description={text.about}
        actions={
          isPrimary && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={replicas.length === 0} onClick={() => setChanging(true)}>
                {text.changePrimary}
              </Button>
              <Button variant="primary" onClick={() => goTo(`keys/${key.KeyId}/replicate`)}>
                {text.createReplicas}
              </Button>
            </SpaceBetween>
          )
        }
      >
        {text.title}
      </Header>
      {isChanging && <ChangePrimary keyId={key.KeyId} replicas={replicas} onDone={() => setChanging(false)} />}
    </>
  )
}

/** What the key itself tells of its family, for whom no more is shown. */
function familyOf({ KeyState, Arn, MultiRegionConfiguration: known }: KeyMetadata): KeyFamily {
  const here = Arn.split(':')[3]
  const stateIn = (Region: string) => (Region === here ? KeyState : '')
  const members =
    known === undefined
      ? []
      : [
          { Region: known.PrimaryKey.Region, Role: 'PRIMARY' as const },
          ...known.ReplicaKeys.map(({ Region }) => ({ Region, Role: 'REPLICA' as const })),
        ]
  return {
    Members: members.map((each) => ({ ...each, State: stateIn(each.Region) })),
    Regions: [],
    Properties: [],
    Unheard: [],
    Waits: [],
    Deletion: [],
    Troubles: [],
    PolicyDifferences: [],
  }
}
