import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import FormField from '@cloudscape-design/components/form-field'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tiles from '@cloudscape-design/components/tiles'
import type { PolicyKey } from '../../../../src/domain/console-policy/console-policy.ts'
import { isAsymmetric, KEY_SPECS, type KeySpec, type KeyUsage } from '../../../../src/domain/key-spec.ts'
import { words } from '../../words/en.ts'
import { specsFor, usagesOfType, withSpec, withUsage } from './draft.ts'

const text = words.wizard.configure

interface ConfigureStepProps {
  readonly draft: PolicyKey
  readonly onChange: (key: PolicyKey) => void
}

/** Asks what the key is: none of it can be changed later. */
export function ConfigureStep({ draft: key, onChange }: ConfigureStepProps) {
  const asymmetric = isAsymmetric(key.spec)
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="l">
          <FormField label={words.keys.type} stretch>
            <Tiles
              value={asymmetric ? 'asymmetric' : 'symmetric'}
              onChange={({ detail }) =>
                onChange(withUsage(key, detail.value === 'asymmetric', firstUsage(detail.value)))
              }
              items={[
                { value: 'symmetric', label: words.symmetric, description: text.symmetricAbout },
                { value: 'asymmetric', label: words.asymmetric, description: text.asymmetricAbout },
              ]}
            />
          </FormField>
          <FormField label={words.keys.usage} stretch>
            <RadioGroup
              value={key.usage}
              onChange={({ detail }) => onChange(withUsage(key, asymmetric, detail.value as KeyUsage))}
              items={usagesOfType(asymmetric).map((value) => ({
                value,
                label: words.usages[value],
                description: text.usagesAbout[value],
              }))}
            />
          </FormField>
          <Spec draft={key} onChange={onChange} />
        </SpaceBetween>
      </Container>
      <Container>
        <ExpandableSection headerText={text.advanced} defaultExpanded={key.multiRegion}>
          <Advanced draft={key} onChange={onChange} />
        </ExpandableSection>
      </Container>
    </SpaceBetween>
  )
}

function firstUsage(type: string): KeyUsage {
  return usagesOfType(type === 'asymmetric')[0] ?? 'ENCRYPT_DECRYPT'
}

/** Where there is a choice. */
function Spec({ draft: key, onChange }: ConfigureStepProps) {
  const specs = specsFor(isAsymmetric(key.spec), key.usage)
  if (specs.length < 2) return null
  return (
    <FormField label={words.keys.spec} description={text.specAbout}>
      <Select
        selectedOption={{ value: key.spec, label: key.spec }}
        options={specs.map((value) => ({
          value,
          label: value,
          description: KEY_SPECS[value].algorithms[key.usage]?.join(', ') ?? '',
        }))}
        onChange={({ detail }) => onChange(withSpec(key, detail.selectedOption.value as KeySpec))}
      />
    </FormField>
  )
}

function Advanced({ draft: key, onChange }: ConfigureStepProps) {
  const { importable } = KEY_SPECS[key.spec]
  return (
    <SpaceBetween size="l">
      <FormField label={words.key.cryptography.origin} stretch>
        <RadioGroup
          value={key.origin}
          onChange={({ detail }) => onChange({ ...key, origin: detail.value as PolicyKey['origin'] })}
          items={[
            { value: 'AWS_KMS', label: words.origins['AWS_KMS'], description: text.originKms },
            {
              value: 'EXTERNAL',
              label: words.origins['EXTERNAL'],
              description: importable ? text.originExternal : text.notImportable(key.spec),
              disabled: !importable,
            },
          ]}
        />
      </FormField>
      {key.origin === 'EXTERNAL' && <Alert type="warning">{text.externalRisk}</Alert>}
      <FormField label={words.keys.regionality} description={text.regionalityFixed} stretch>
        <RadioGroup
          value={key.multiRegion ? 'multi' : 'single'}
          onChange={({ detail }) => onChange({ ...key, multiRegion: detail.value === 'multi' })}
          items={[
            { value: 'single', label: text.single, description: text.singleAbout },
            { value: 'multi', label: text.multi, description: text.multiAbout },
          ]}
        />
      </FormField>
    </SpaceBetween>
  )
}
