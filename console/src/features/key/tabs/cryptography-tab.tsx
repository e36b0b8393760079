import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { KeyMetadata } from '../../../api/kms.ts'
import { words } from '../../../words/en.ts'

const text = words.key.cryptography

/** What a key's cryptography is. None of it can be changed. */
export function CryptographyTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const algorithms = [
    key.EncryptionAlgorithms,
    key.SigningAlgorithms,
    key.KeyAgreementAlgorithms,
    key.MacAlgorithms,
  ].flatMap((each) => each ?? [])
  return (
    <Container header={<Header variant="h2">{text.title}</Header>}>
      <KeyValuePairs
        minColumnWidth={190}
        columns={3}
        items={[
          {
            label: words.keys.type,
            value: /^(?:SYMMETRIC|HMAC)/.test(key.KeySpec) ? words.symmetric : words.asymmetric,
          },
          { label: words.keys.spec, value: key.KeySpec },
          { label: words.keys.usage, value: words.usages[key.KeyUsage] ?? key.KeyUsage },
          { label: text.origin, value: words.origins[key.Origin] ?? key.Origin },
          { label: text.algorithms, value: algorithms.join(', ') || '-' },
        ]}
      />
    </Container>
  )
}
