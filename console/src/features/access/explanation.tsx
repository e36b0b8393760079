import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { Explanation, Permission } from '../../api/access.ts'
import { Principal } from '../../parts/principal.tsx'
import { words } from '../../words/en.ts'
import { FactTree } from './fact-tree.tsx'
import { RemedyView } from './remedy-view.tsx'

const text = words.access.explanation

/** What a reader takes in of the ways to one end. */
const MOST_REMEDIES = 4

/** Why a request is allowed or refused: cause and remedy first, then everything that had a say. */
export function ExplanationView({ explanation }: { readonly explanation: Explanation }) {
  const { permissions, notes } = explanation
  return (
    <SpaceBetween size="l">
      {permissions.map((permission, index) => (
        <PermissionView key={index} permission={permission} />
      ))}
      {notes.map((note) => (
        <Alert key={note} type="info">
          {note}
        </Alert>
      ))}
    </SpaceBetween>
  )
}

function PermissionView({ permission }: { readonly permission: Permission }) {
  const { allowed, action, resource, region, caller, supposed, steps, isEnough, notes, tree } = permission
  return (
    <Container
      header={
        <Header variant="h2">
          <StatusIndicator type={allowed ? 'success' : 'error'}>
            {allowed ? text.allowed : text.refused}
          </StatusIndicator>{' '}
          {action}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          minColumnWidth={190}
          columns={3}
          items={[
            { label: text.who, value: <Principal name={caller} /> },
            { label: text.on, value: resource ?? '-' },
            { label: words.header.region, value: region },
            ...(supposed === undefined ? [] : [{ label: text.suppose, value: supposed }]),
          ]}
        />
        {steps.map((step, index) => (
          <Step key={index} step={step} number={steps.length > 1 ? index + 1 : null} permission={permission} />
        ))}
        {steps.length > 1 && isEnough && <Box>{text.allNeeded}</Box>}
        {notes.map((note) => (
          <Alert key={note} type="info">
            {note}
          </Alert>
        ))}
        {tree !== undefined && (
          <ExpandableSection headerText={text.everything} defaultExpanded={allowed}>
            <FactTree root={tree} />
          </ExpandableSection>
        )}
      </SpaceBetween>
    </Container>
  )
}

interface StepProps {
  readonly step: Permission['steps'][number]
  /** Which of several it is; null where it is the only one. */
  readonly number: number | null
  readonly permission: Permission
}

function Step({ step: { cause, remedies }, number, permission }: StepProps) {
  return (
    <SpaceBetween size="m">
      <div>
        <Box variant="h3">{number === null ? text.why : text.whyOf(number)}</Box>
        <Box variant="p">{cause}</Box>
      </div>
      {remedies.length > 0 && (
        <div>
          <Box variant="h3">{text.remedy}</Box>
          <ol className="remedies">
            {remedies.slice(0, MOST_REMEDIES).map((remedy, index) => (
              <li key={index}>
                <RemedyView remedy={remedy} permission={permission} isFirst={index === 0} />
              </li>
            ))}
          </ol>
        </div>
      )}
    </SpaceBetween>
  )
}
