import Alert from '@cloudscape-design/components/alert'
import Autosuggest from '@cloudscape-design/components/autosuggest'
import Button from '@cloudscape-design/components/button'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState, type FormEvent } from 'react'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { useSignedIn } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { ExplanationView } from './explanation.tsx'
import { readPairs } from './pairs.ts'
import { useSimulation } from './use-access.ts'

const text = words.access.simulate

/** What is asked of keys most; any other operation of KMS can be typed. */
const OPERATIONS = [
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'ReEncrypt',
  'Sign',
  'Verify',
  'GenerateMac',
  'VerifyMac',
  'DescribeKey',
  'GetKeyPolicy',
  'PutKeyPolicy',
  'CreateGrant',
  'ReplicateKey',
  'ScheduleKeyDeletion',
]

/** Asks what would become of a request that somebody of the account makes: of a key, or of one that is named here. */
export function Simulate({ keyArn }: { readonly keyArn?: string }) {
  const { arn } = useSignedIn()
  const [principal, setPrincipal] = useState(arn)
  const [operation, setOperation] = useState('Decrypt')
  const [key, setKey] = useState('')
  const [pairs, setPairs] = useState('')
  const { mutate, data, error, isPending } = useSimulation()
  const context = readPairs(pairs)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (context !== null) mutate(requestOf({ principal, operation, key: keyArn ?? key.trim(), context }))
  }
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={text.about}>
            {text.title}
          </Header>
        }
      >
        <form onSubmit={submit}>
          <Form
            actions={
              <Button formAction="submit" loading={isPending}>
                {text.submit}
              </Button>
            }
          >
            <ColumnLayout columns={2}>
              <FormField label={text.principal} constraintText={text.principalHint}>
                <Input value={principal} spellcheck={false} onChange={({ detail }) => setPrincipal(detail.value)} />
              </FormField>
              <FormField label={text.operation}>
                <Autosuggest
                  value={operation}
                  options={OPERATIONS.map((value) => ({ value }))}
                  enteredTextLabel={text.use}
                  clearAriaLabel={words.access.clear}
                  onChange={({ detail }) => setOperation(detail.value)}
                />
              </FormField>
              {keyArn === undefined && (
                <FormField label={text.key} constraintText={text.keyHint}>
                  <Input value={key} spellcheck={false} onChange={({ detail }) => setKey(detail.value)} />
                </FormField>
              )}
              <FormField
                label={text.context}
                constraintText={text.contextHint}
                errorText={context === null && text.noPairs}
              >
                <Textarea value={pairs} rows={2} spellcheck={false} onChange={({ detail }) => setPairs(detail.value)} />
              </FormField>
            </ColumnLayout>
          </Form>
        </form>
      </Container>
      {error !== null && <ErrorAlert error={error} />}
      {data !== undefined && <Outcome answer={data} />}
    </SpaceBetween>
  )
}

function Outcome({ answer }: { readonly answer: NonNullable<ReturnType<typeof useSimulation>['data']> }) {
  return (
    <section aria-label={text.result}>
      <SpaceBetween size="s">
        <ExplanationView explanation={answer.Explanation} />
        {answer.Assumed.length > 0 && <Alert type="info">{text.assumed(answer.Assumed.join(', '))}</Alert>}
      </SpaceBetween>
    </section>
  )
}

interface Asked {
  readonly principal: string
  readonly operation: string
  readonly key: string
  readonly context: Readonly<Record<string, string>>
}

function requestOf({ principal, operation, key, context }: Asked): object {
  const member = operation === 'ReEncrypt' ? 'SourceEncryptionContext' : 'EncryptionContext'
  return {
    Principal: principal.trim(),
    Operation: operation.trim(),
    ...(key !== '' && { KeyId: key }),
    ...(Object.keys(context).length > 0 && { Input: { [member]: context } }),
  }
}
