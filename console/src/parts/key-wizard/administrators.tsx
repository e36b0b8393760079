import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { words } from '../../words/en.ts'
import type { ChoicesProps } from './choices.ts'
import { PeopleTable } from './people-table.tsx'

const text = words.wizard.administrators

/** Has those chosen who administer the key. */
export function Administrators({ choices, onChange }: ChoicesProps) {
  return (
    <SpaceBetween size="l">
      <PeopleTable
        title={text.title}
        description={text.about}
        chosen={choices.administrators}
        onChange={(administrators) => onChange({ ...choices, administrators })}
      />
      <Container header={<Header variant="h2">{text.deletion}</Header>}>
        <Checkbox
          checked={choices.administratorsDelete}
          onChange={({ detail }) => onChange({ ...choices, administratorsDelete: detail.checked })}
        >
          {text.allowDeletion}
        </Checkbox>
      </Container>
    </SpaceBetween>
  )
}
