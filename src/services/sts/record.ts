import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'
import type { TemporaryCredentials } from './begin-session.ts'

/** The record of a session that was begun: INVARIANT: neither its secret nor its token is in it. */
export function recordSession(
  input: Readonly<Record<string, unknown>>,
  output: { readonly Credentials: TemporaryCredentials } | null,
): RecordDetails {
  if (output === null) return { requestParameters: asParameters(input), resources: [] }
  const { Credentials, ...others } = output
  const credentials = { accessKeyId: Credentials.AccessKeyId, expiration: Credentials.Expiration.toISOString() }
  return {
    requestParameters: asParameters(input),
    responseElements: { credentials, ...asParameters(others) },
    resources: [],
  }
}
