import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Multiselect from '@cloudscape-design/components/multiselect'
import { useQuery } from '@tanstack/react-query'
import { listUsableRegions } from '../../api/account.ts'
import type { KeyMetadata } from '../../api/kms.ts'
import { useSystem } from '../../parts/use-system.ts'
import { REGIONS, useAsking } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { regionName } from '../../words/regions.ts'

const text = words.wizard.replicas

interface RegionsStepProps {
  readonly primary: KeyMetadata
  readonly regions: readonly string[]
  readonly onChange: (regions: readonly string[]) => void
  /** Whether what is wrong is said: not before somebody wants to go on. */
  readonly saysFaults: boolean
}

/** Asks in which Regions replicas are to be. */
export function RegionsStep({ primary, regions, onChange, saysFaults }: RegionsStepProps) {
  const asking = useAsking()
  const { data: usable = REGIONS } = useQuery({
    queryKey: ['usable-regions', asking.credentials.accessKeyId],
    queryFn: () => listUsableRegions(asking),
  })
  const { PrimaryKey, ReplicaKeys = [] } = primary.MultiRegionConfiguration ?? {}
  const taken = new Set([PrimaryKey, ...ReplicaKeys].map((each) => each?.Region))
  const served = useSystem().data?.Regions ?? REGIONS
  const free = served.filter((region) => usable.includes(region) && !taken.has(region))
  return (
    <Container
      header={
        <Header variant="h2" description={text.about}>
          {text.regions}
        </Header>
      }
    >
      <FormField
        label={text.regions}
        description={text.taken([...taken].join(', '))}
        errorText={saysFaults && regions.length === 0 ? text.none : null}
      >
        <Multiselect
          selectedOptions={regions.map((value) => ({ value, label: value }))}
          options={free.map((value) => ({ value, label: value, description: regionName(value) }))}
          filteringType="auto"
          filteringAriaLabel={text.filter}
          filteringPlaceholder={text.filter}
          placeholder={text.choose}
          empty={text.noneLeft}
          noMatch={words.keys.noMatch}
          deselectAriaLabel={({ label = '' }) => text.remove(label)}
          onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value = '' }) => value))}
        />
      </FormField>
    </Container>
  )
}
