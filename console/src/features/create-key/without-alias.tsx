import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ApiError } from '../../api/errors.ts'
import { ErrorAlert } from '../../parts/error-alert.tsx'
import { useGoTo } from '../../shell/place.ts'
import { words } from '../../words/en.ts'

const text = words.wizard.withoutAlias

interface WithoutAliasProps {
  readonly keyId: string
  readonly alias: string
  readonly refusal: ApiError
}

/** What is shown of a key that was made and got no alias, and what can be done. */
export function WithoutAlias({ keyId, alias, refusal }: WithoutAliasProps) {
  const goTo = useGoTo()
  return (
    <ContentLayout header={<Header variant="h1">{text.title}</Header>}>
      <SpaceBetween size="m">
        <Alert
          type="warning"
          header={text.header(alias)}
          action={<Button onClick={() => goTo(`keys/${keyId}#aliases`)}>{text.goOn}</Button>}
        >
          {text.about(keyId)}
        </Alert>
        <ErrorAlert error={refusal} />
      </SpaceBetween>
    </ContentLayout>
  )
}
