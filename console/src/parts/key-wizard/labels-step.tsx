import Alert from '@cloudscape-design/components/alert'
import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { TAGS_PER_KEY } from '../../../../src/domain/limits.ts'
import { words } from '../../words/en.ts'
import { aliasFault, descriptionFault, tagFault, type Labels } from './labels.ts'

const text = words.wizard.labels

interface LabelsStepProps {
  readonly labels: Labels
  readonly onChange: (labels: Labels) => void
  /** Whether what is wrong is said: not before somebody wants to go on. */
  readonly saysFaults: boolean
}

/** Asks for the alias, the description and the tags of a key. */
export function LabelsStep({ labels, onChange, saysFaults }: LabelsStepProps) {
  return (
    <SpaceBetween size="l">
      <Alert type="warning">{text.notSecret}</Alert>
      <Container header={<Header variant="h2">{text.alias}</Header>}>
        <FormField
          label={text.alias}
          description={text.aliasAbout}
          constraintText={text.aliasConstraint}
          errorText={saysFaults ? aliasFault(labels) : null}
        >
          <Input
            value={labels.alias}
            spellcheck={false}
            autoComplete={false}
            onChange={({ detail }) => onChange({ ...labels, alias: detail.value.trim() })}
          />
        </FormField>
      </Container>
      <Container header={<Header variant="h2">{text.descriptionTitle}</Header>}>
        <FormField label={text.description} errorText={descriptionFault(labels)}>
          <Textarea
            value={labels.description}
            onChange={({ detail }) => onChange({ ...labels, description: detail.value })}
          />
        </FormField>
      </Container>
      <Container
        header={
          <Header variant="h2" description={text.tagsAbout}>
            {text.tagsTitle}
          </Header>
        }
      >
        <Tags labels={labels} onChange={onChange} saysFaults={saysFaults} />
      </Container>
    </SpaceBetween>
  )
}

type Tag = Labels['tags'][number]

function Tags({ labels, onChange, saysFaults }: LabelsStepProps) {
  const { tags } = labels
  const change = (changed: readonly Tag[]): void => onChange({ ...labels, tags: changed })
  const inputOf = (member: keyof Tag, label: string) => (tag: Tag, index: number) => (
    <Input
      value={tag[member]}
      ariaLabel={label}
      onChange={({ detail }) => change(tags.with(index, { ...tag, [member]: detail.value }))}
    />
  )
  return (
    <AttributeEditor<Tag>
      items={tags}
      addButtonText={words.key.tags.add}
      removeButtonText={text.remove}
      removeButtonAriaLabel={({ key }) => words.key.tags.removeOne(key)}
      disableAddButton={tags.length >= TAGS_PER_KEY}
      additionalInfo={text.tagLimit(TAGS_PER_KEY - tags.length)}
      empty={words.key.tags.noneText}
      onAddButtonClick={() => change([...tags, { key: '', value: '' }])}
      onRemoveButtonClick={({ detail }) => change(tags.toSpliced(detail.itemIndex, 1))}
      definition={[
        {
          label: words.key.tags.key,
          control: inputOf('key', words.key.tags.key),
          errorText: (_tag, index) => (saysFaults ? tagFault(labels, index) : null),
        },
        { label: text.tagValue, control: inputOf('value', words.key.tags.value) },
      ]}
    />
  )
}
