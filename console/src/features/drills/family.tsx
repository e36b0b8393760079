import Badge from '@cloudscape-design/components/badge'
import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useState, type ReactNode } from 'react'
import type { Drill } from '../../api/drills.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { KeyState } from '../../parts/key-state.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { UnderWay } from '../../parts/under-way.tsx'
import { drillWords } from '../../words/drills.ts'
import { words } from '../../words/en.ts'
import { useChoices, useMembers, useUnderWay, type Choice, type Member } from './use-family.ts'

const text = drillWords.family

/** How much of a material's id tells it from others. */
const SHORT = 8

/** The keys of a family that the user chooses, each as its Region sees it now. */
export function Family({ drill }: { readonly drill: Drill }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const { data: choices = [], error, isPending } = useChoices(drill)
  const keyId = chosen ?? choices[0]?.id ?? null
  return (
    <SpaceBetween size="m">
      {error !== null && <ErrorAlert error={error} />}
      {keyId === null ? (
        <Members members={[]} isLoading={isPending} keyId="" choices={choices} onChoose={setChosen} />
      ) : (
        <LiveMembers drill={drill} keyId={keyId} choices={choices} onChoose={setChosen} />
      )}
    </SpaceBetween>
  )
}

interface ChoiceProps {
  readonly keyId: string
  readonly choices: readonly Choice[]
  readonly onChoose: (keyId: string) => void
}

function LiveMembers({ drill, ...choice }: ChoiceProps & { readonly drill: Drill }) {
  // A Region where the key is not, and never was, is left out.
  const members = useMembers(drill, choice.keyId).filter(({ code }) => code !== 'NotFoundException')
  const family = useUnderWay(choice.keyId, members.find(({ metadata }) => metadata !== null)?.region)
  return (
    <Members members={members} isLoading={false} {...choice}>
      {family !== undefined && <UnderWay family={family} />}
    </Members>
  )
}

interface MembersProps extends ChoiceProps {
  readonly members: readonly Member[]
  readonly isLoading: boolean
  readonly children?: ReactNode
}

function Members({ members, isLoading, children, ...choice }: MembersProps) {
  const materials = new Set(members.flatMap(({ metadata }) => metadata?.CurrentKeyMaterialId ?? []))
  return (
    <Table<Member>
      items={members}
      contentDensity="compact"
      wrapLines
      trackBy="region"
      loading={isLoading}
      loadingText={text.loading}
      columnDefinitions={[
        {
          id: 'region',
          header: words.header.region,
          cell: ({ region }) => (
            <PageLink to={`keys/${choice.keyId}`} region={region}>
              {region}
            </PageLink>
          ),
          isRowHeader: true,
        },
        { id: 'role', header: text.role, cell: ({ metadata }) => <Role metadata={metadata} /> },
        { id: 'state', header: text.state, cell: (member) => <State {...member} /> },
        {
          id: 'material',
          header: text.material,
          cell: ({ metadata }) => (
            <Box variant="code" color={materials.size > 1 ? 'text-status-warning' : 'inherit'}>
              {metadata?.CurrentKeyMaterialId?.slice(0, SHORT) ?? '-'}
            </Box>
          ),
        },
      ]}
      empty={text.none}
      footer={children}
      header={
        <SpaceBetween size="s">
          <Header description={text.about}>{text.title}</Header>
          <Chooser {...choice} />
        </SpaceBetween>
      }
    />
  )
}

function Chooser({ keyId, choices, onChoose }: ChoiceProps) {
  const options = choices.map(({ id, aliases }) => ({ value: id, label: aliases.join(', ') || id, description: id }))
  return (
    <FormField label={text.choose}>
      <Select
        selectedOption={options.find(({ value }) => value === keyId) ?? null}
        options={options}
        disabled={options.length === 0}
        placeholder={text.placeholder}
        filteringType="auto"
        filteringAriaLabel={text.find}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? keyId)}
      />
    </FormField>
  )
}

function Role({ metadata }: Pick<Member, 'metadata'>) {
  const role = metadata?.MultiRegionConfiguration?.MultiRegionKeyType
  if (role === undefined) return '-'
  return role === 'PRIMARY' ? <Badge color="blue">{text[role]}</Badge> : text[role]
}

function State({ metadata, code }: Member) {
  if (metadata !== null) return <KeyState state={metadata.KeyState} />
  if (code === null) return <StatusIndicator type="loading">-</StatusIndicator>
  return <StatusIndicator type="error">{code === 'NetworkError' ? text.noAnswer : text.refused}</StatusIndicator>
}
