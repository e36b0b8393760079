import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from './sha256.ts'

/** Whose requests are made. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What is asked, and by whom. */
export interface SignedRequest {
  readonly credentials: Credentials
  readonly region: string
  /** The name by which the service is signed for. */
  readonly service: string
  readonly path?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends a request to the server that this page is from, signed as every AWS client signs. */
export async function signedFetch({
  credentials,
  region,
  service,
  path = '/',
  headers,
  body,
}: SignedRequest): Promise<Response> {
  const { protocol, hostname, host, origin } = window.location
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 })
  const signed = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    path,
    headers: { ...headers, host },
    body,
  })
  const { host: _ours, ...sent } = signed.headers
  return fetch(`${origin}${path}`, { method: 'POST', headers: sent, body, credentials: 'omit', redirect: 'error' })
}
