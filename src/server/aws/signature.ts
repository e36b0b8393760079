import { createHmac, createSecretKey, hash } from 'node:crypto'
import { uriEncode } from '../../protocol/canonical-request.ts'
import { signingKeyOf } from '../../protocol/sigv4.ts'
import type { AwsCredentials } from './credentials.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** A request to be signed. */
interface AwsRequest {
  readonly method: string
  /** Its path is encoded as the service signs it, and it has no query. */
  readonly url: URL
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The path of an object as S3 signs it: encoded once, and nothing is taken out of it. */
export function s3Path(bucket: string, object: string): string {
  return `/${[bucket, ...object.split('/')].map(uriEncode).join('/')}`
}

/**
 * The headers of a request, with those that sign it.
 *
 * @param now the real time in epoch milliseconds
 */
export function signRequest(
  { method, url, headers, body }: AwsRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { service, region }: { readonly service: string; readonly region: string },
  now: number,
): Record<string, string> {
  const amzDate = new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const date = amzDate.slice(0, 8)
  const bodyHash = hash('sha256', body)
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': amzDate,
    ...(sessionToken !== null && { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(all).toSorted()
  const lines = names.map((name) => `${name}:${all[name]?.trim()}\n`).join('')
  const canonical = `${method}\n${url.pathname}\n\n${lines}\n${names.join(';')}\n${bodyHash}`
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = `${ALGORITHM}\n${amzDate}\n${scope}\n${hash('sha256', canonical)}`
  const key = signingKeyOf(createSecretKey(Buffer.from(`AWS4${secretAccessKey}`)), { date, region, service })
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  const { host: _host, ...sent } = all
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...sent, authorization }
}
