import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { KeyMetadata } from '../../../api/kms.ts'
import { download } from '../../../parts/download.ts'
import { ErrorAlert } from '../../../parts/error-alert.tsx'
import { words } from '../../../words/en.ts'
import { useKeyRead } from '../use-key.ts'

const text = words.key.publicKey

/** The half of a key that everybody may have. */
export function PublicKeyTab({ keyMetadata: { KeyId } }: { readonly keyMetadata: KeyMetadata }) {
  const { data, error } = useKeyRead('GetPublicKey', KeyId)
  if (error !== null) return <ErrorAlert error={error} />
  const pem = data === undefined ? '' : pemOf(data.PublicKey)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={text.about}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyToClipboard
                variant="button"
                textToCopy={pem}
                copyButtonText={text.copy}
                copySuccessText={words.key.general.copied}
                copyErrorText={words.key.general.notCopied}
              />
              <Button iconName="download" disabled={pem === ''} onClick={() => download(`${KeyId}.pem`, pem)}>
                {text.download}
              </Button>
            </SpaceBetween>
          }
        >
          {text.title}
        </Header>
      }
    >
      <Box variant="code">
        <pre className="document" tabIndex={0} aria-label={text.title}>
          {pem}
        </pre>
      </Box>
    </Container>
  )
}

/** As RFC 7468 has it: lines of 64 characters. */
function pemOf(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`
}
