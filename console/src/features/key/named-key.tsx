import { Redirect } from 'wouter'
import { parseArn } from '../../../../src/domain/arn.ts'
import { REGIONS, useRegion, useSignedIn } from '../../shell/place.ts'
import { KeyPage } from './key-page.tsx'
import { useKey } from './use-key.ts'

interface NamedKeyProps {
  /** What AWS takes for a key, as it is in the address: an id, an ARN, or the name or ARN of an alias. */
  readonly name: string
}

/** The page of a key by whatever names it: an address may hold what was copied from elsewhere. */
export function NamedKey({ name: written }: NamedKeyProps) {
  const here = useRegion()
  const name = decoded(written)
  const region = parseArn(name)?.region ?? here
  if (region !== here && REGIONS.includes(region)) return <Redirect to={`/${region}/keys/${written}`} replace />
  return /^[\w-]+$/.test(name) ? <KeyPage keyId={name} /> : <ById name={name} />
}

/** Goes to where a key of this account has its page. */
function ById({ name }: NamedKeyProps) {
  const region = useRegion()
  const { account } = useSignedIn()
  const { data: key } = useKey(name)
  return key?.AWSAccountId === account ? (
    <Redirect to={`/${region}/keys/${key.KeyId}`} replace />
  ) : (
    <KeyPage keyId={name} />
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // What is no encoding stands for itself.
    return text
  }
}
