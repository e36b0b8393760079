import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Button from '@cloudscape-design/components/button'
import Table from '@cloudscape-design/components/table'
import { useQueries, type Query } from '@tanstack/react-query'
import { useState } from 'react'
import { kms, type KeyInRegion, type KeyMetadata } from '../../../api/kms.ts'
import { KeyState } from '../../../parts/key-state.tsx'
import { PageLink } from '../../../parts/page-link.tsx'
import { useAsking, useGoTo } from '../../../shell/place.ts'
import { words } from '../../../words/en.ts'
import { ChangePrimary } from '../change-primary.tsx'
import { isChanging } from '../use-key.ts'

const text = words.key.regionality

/** How often a related key is looked at while something is under way there, in milliseconds: each look is recorded. */
const LOOK_MS = 5000

interface Related extends KeyInRegion {
  readonly role: 'PRIMARY' | 'REPLICA'
  readonly metadata: KeyMetadata | undefined
  readonly refused: string | undefined
}

/** The keys that are one key: where they are, what they are there, and what can be done with them. */
export function RegionalityTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const related = useRelated(key)
  const goTo = useGoTo()
  const [isChanging, setChanging] = useState(false)
  const isPrimary = key.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY'
  const replicas = related.filter(({ role }) => role === 'REPLICA')
  return (
    <>
      <Table<Related>
        items={related}
        trackBy="Arn"
        columnDefinitions={[
          {
            id: 'region',
            header: words.header.region,
            cell: ({ Region }) => (
              <PageLink to={`keys/${key.KeyId}`} region={Region}>
                {Region}
              </PageLink>
            ),
            isRowHeader: true,
          },
          { id: 'role', header: text.role, cell: ({ role }) => words.regionality[role] },
          {
            id: 'state',
            header: words.keys.status,
            cell: ({ metadata, refused }) =>
              metadata === undefined ? (refused ?? '-') : <KeyState state={metadata.KeyState} />,
          },
          {
            id: 'description',
            header: words.key.general.description,
            cell: ({ metadata }) => metadata?.Description || '-',
          },
          { id: 'arn', header: words.key.general.arn, cell: ({ Arn }) => Arn },
        ]}
        header={
          <Header
            counter={`(${related.length})`}
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
            {text.related}
          </Header>
        }
      />
      {isChanging && <ChangePrimary keyId={key.KeyId} replicas={replicas} onDone={() => setChanging(false)} />}
    </>
  )
}

/** The related keys, each asked in its own Region. */
function useRelated({ KeyId, MultiRegionConfiguration: family }: KeyMetadata): readonly Related[] {
  const { credentials } = useAsking()
  const members = family === undefined ? [] : [family.PrimaryKey, ...family.ReplicaKeys]
  const answers = useQueries({
    queries: members.map(({ Region, Arn }) => ({
      queryKey: ['key', Region, credentials.accessKeyId, KeyId, 'DescribeKey', Arn],
      queryFn: async () => (await kms({ credentials, region: Region }, 'DescribeKey', { KeyId })).KeyMetadata,
      refetchInterval: ({ state }: Query<KeyMetadata>) => (isChanging(state.data?.KeyState) ? LOOK_MS : false),
    })),
  })
  return members.map((member, index) => ({
    ...member,
    role: index === 0 ? ('PRIMARY' as const) : ('REPLICA' as const),
    metadata: answers[index]?.data,
    refused: answers[index]?.error?.message,
  }))
}
