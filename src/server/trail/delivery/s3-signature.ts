import { createHmac, createSecretKey, hash } from 'node:crypto'
import { uriEncode } from '../../../protocol/canonical-request.ts'
import { signingKeyOf } from '../../../protocol/sigv4.ts'
import type { S3Credentials } from './s3-credentials.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** A request to S3, to be signed. */
export interface S3Request {
  readonly method: string
  /** Its path says the bucket and the object. */
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
export function signS3(
  { method, url, headers, body }: S3Request,
  { accessKeyId, secretAccessKey, sessionToken, region }: S3Credentials,
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
  const scope = `${date}/${region}/s3/aws4_request`
  const toSign = `${ALGORITHM}\n${amzDate}\n${scope}\n${hash('sha256', canonical)}`
  const key = signingKeyOf(createSecretKey(Buffer.from(`AWS4${secretAccessKey}`)), { date, region, service: 's3' })
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  const { host: _host, ...sent } = all
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...sent, authorization }
}
