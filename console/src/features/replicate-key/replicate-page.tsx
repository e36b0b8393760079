import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Spinner from '@cloudscape-design/components/spinner'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { kms } from '../../api/kms.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { KeyWizard } from '../../parts/key-wizard/key-wizard.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { useAsking, useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { firstDraft, type Primary } from './draft.ts'
import { ProgressPage } from './progress-page.tsx'
import { stepsOf } from './steps.tsx'
import { useReplicas } from './use-replicas.ts'

const text = words.wizard.replicas

/** Leads from a primary to its replicas, step by step. */
export function ReplicatePage({ keyId }: { readonly keyId: string }) {
  const { data: primary, error, refetch } = usePrimary(keyId)
  if (primary === undefined) {
    if (error !== null) return <ErrorAlert error={error} again={() => void refetch()} />
    return (
      <Box textAlign="center" padding="xxl">
        <Spinner size="large" />
      </Box>
    )
  }
  const { MultiRegionConfiguration: family } = primary.key
  if (family?.MultiRegionKeyType === 'PRIMARY') return <ReplicateWizard primary={primary} />
  return (
    <Alert type="info" header={text.notPrimary}>
      {family === undefined ? (
        text.notMultiRegion
      ) : (
        <PageLink to={`keys/${keyId}/replicate`} region={family.PrimaryKey.Region}>
          {text.primaryIn(family.PrimaryKey.Region)}
        </PageLink>
      )}
    </Alert>
  )
}

/** The key and its policy, as they are when the wizard begins. */
function usePrimary(KeyId: string) {
  const asking = useAsking()
  return useQuery<Primary>({
    queryKey: ['key', asking.region, asking.credentials.accessKeyId, KeyId, 'primary'],
    async queryFn() {
      const [described, { Policy: policy }] = await Promise.all([
        kms(asking, 'DescribeKey', { KeyId }),
        kms(asking, 'GetKeyPolicy', { KeyId }),
      ])
      return { key: described.KeyMetadata, policy }
    },
  })
}

function ReplicateWizard({ primary }: { readonly primary: Primary }) {
  const [draft, setDraft] = useState(() => firstDraft(primary))
  const { progress, make, forget } = useReplicas(primary)
  const goTo = useGoTo()
  const { KeyId } = primary.key
  const rows = Object.entries(progress)
  if (rows.length > 0) {
    return (
      <ProgressPage
        keyId={KeyId}
        progress={progress}
        onAgain={(region) => void make(region, draft, progress[region]?.stage)}
        onBack={() => {
          setDraft({ ...draft, regions: rows.flatMap(([region, { stage }]) => (stage === 'asking' ? [region] : [])) })
          forget()
        }}
      />
    )
  }
  return (
    <KeyWizard
      steps={stepsOf(primary, draft, setDraft)}
      isSubmitting={false}
      error={null}
      onCancel={() => goTo(`keys/${KeyId}#regionality`)}
      onSubmit={() => void Promise.all(draft.regions.map((region) => make(region, draft)))}
    />
  )
}
