import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { FamilyMember, KeyFamily } from '../../../api/family.ts'
import { KeyState } from '../../../parts/key-state.tsx'
import { family as text } from '../../../words/family.ts'
import { words } from '../../../words/en.ts'
import { differencesOf } from './differences.ts'
import { inOrder, leadOf, linksOf, type FamilyLink } from './links.ts'
import { RegionLink } from './region-link.tsx'

interface RelatedProps {
  readonly keyId: string
  readonly family: KeyFamily
  /** The Region whose difference is shown. */
  readonly shown: string | null
  readonly onShow: (region: string) => void
}

const LINK_TYPES = { calm: 'success', moving: 'in-progress', held: 'warning' } as const

/** The related keys, one to a row: what they are, and how they differ from the primary. */
export function Related({ keyId, family, shown, onShow }: RelatedProps) {
  const links = new Map(linksOf(family).map((link) => [link.to, link]))
  const lead = leadOf(family)
  return (
    <Table<FamilyMember>
      items={inOrder(family)}
      trackBy="Region"
      columnDefinitions={[
        {
          id: 'region',
          header: words.header.region,
          cell: ({ Region }) => <RegionLink keyId={keyId} region={Region} members={family.Members} />,
          isRowHeader: true,
        },
        { id: 'role', header: words.key.regionality.role, cell: ({ Role }) => text.roles[Role] },
        { id: 'state', header: words.keys.status, cell: ({ State }) => <MemberState state={State} /> },
        {
          id: 'link',
          header: text.link,
          cell: (member) => (member === lead ? text.isPrimary : <LinkState link={links.get(member.Region)} />),
        },
        {
          id: 'differs',
          header: text.differs,
          cell: (member) =>
            member === lead ? text.isPrimary : <Differs {...{ family, shown, onShow }} region={member.Region} />,
        },
      ]}
      header={
        <Header counter={`(${family.Members.length})`} variant="h2">
          {words.key.regionality.related}
        </Header>
      }
    />
  )
}

function MemberState({ state }: { readonly state: string }) {
  if (state === '') return '-'
  if (state === 'COMING') return <StatusIndicator type="in-progress">{text.states[state]}</StatusIndicator>
  if (state === 'UNREACHABLE') return <StatusIndicator type="warning">{text.states[state]}</StatusIndicator>
  if (state === 'GONE') return <StatusIndicator type="stopped">{text.states[state]}</StatusIndicator>
  return <KeyState state={state} />
}

function LinkState({ link }: { readonly link: FamilyLink | undefined }) {
  if (link === undefined) return '-'
  return <StatusIndicator type={LINK_TYPES[link.state]}>{text.map[link.state]}</StatusIndicator>
}

function Differs({
  family,
  region,
  shown,
  onShow,
}: Pick<RelatedProps, 'family' | 'shown' | 'onShow'> & { readonly region: string }) {
  const differences = differencesOf(family, region)
  if (differences === null) return family.Regions.length === 0 ? '-' : text.notThere
  if (differences.length === 0) return text.nothing
  const names = differences.map(({ name }) => text.properties[name] ?? name).join(', ')
  return (
    <Button
      variant="inline-link"
      ariaExpanded={shown === region}
      ariaLabel={text.show(names, region)}
      iconName={shown === region ? 'caret-down-filled' : 'caret-right-filled'}
      onClick={() => onShow(region)}
    >
      {names}
    </Button>
  )
}
