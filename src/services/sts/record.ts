import { asParameters } from '../../kernel/audit.ts'
import type { RecordDetails } from '../../kernel/operation.ts'
import type { TemporaryCredentials } from './begin-session.ts'

/**
 * The record of a session that was begun, which CloudTrail takes for a read. INVARIANT: neither its secret nor its token
 * is in it.
 *
 * @param resources the ARN of the role that was taken on
 */
export function recordSession(
  input: Readonly<Record<string, unknown>>,
  output: { readonly Credentials: TemporaryCredentials } | null,
  resources: readonly string[] = [],
): RecordDetails {
  const given = Object.entries(input).filter(([, value]) => !Array.isArray(value) || value.length > 0)
  const requestParameters = asParameters(Object.fromEntries(given))
  if (output === null) return { requestParameters, readOnly: true, resources: [] }
  const { Credentials, ...others } = output
  const credentials = { accessKeyId: Credentials.AccessKeyId, expiration: Credentials.Expiration.toISOString() }
  return {
    requestParameters,
    responseElements: { credentials, ...asParameters(others) },
    readOnly: true,
    resources,
  }
}
