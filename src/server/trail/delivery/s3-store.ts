import { readSome } from '../../read-stream.ts'
import { reasonOf } from '../../system-errors.ts'
import { readCredentialsFile } from '../../aws/credentials.ts'
import { s3Path, signRequest } from '../../aws/signature.ts'
import { DeliveryError, type DeliveredObject, type TrailStore } from './trail-store.ts'

/** A request that takes longer has failed, in milliseconds. */
const TIMEOUT_MS = 30_000
/** How much of an answer is read, in bytes: enough for its code. */
const MAX_ANSWER = 4096

/**
 * Delivers to buckets of an S3 endpoint.
 *
 * @param endpoint its URL; a bucket is the first part of the path behind it
 * @param credentials a file in AWS's format, which is read anew for each request
 */
export function s3Store(endpoint: string, credentials: string): TrailStore {
  const base = endpoint.replace(/\/+$/, '')

  async function put({ bucket, object, bytes, metadata }: DeliveredObject, signal: AbortSignal): Promise<void> {
    const url = new URL(base + s3Path(bucket, object))
    const headers = {
      'content-type': 'application/x-gzip',
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    }
    const by = readCredentialsFile(credentials)
    const scope = { service: 's3', region: by.region ?? 'us-east-1' }
    const signed = signRequest({ method: 'PUT', url, headers, body: bytes }, by, scope, Date.now())
    const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const { status, answer } = await send(url, signed, bytes, within)
    if (status >= 200 && status < 300) return
    const code = /<Code>([\w.]{1,100})<\/Code>/.exec(answer.toString())?.[1] ?? `HTTP ${status}`
    throw new DeliveryError(code, `${base} refuses to put ${object} into the bucket ${bucket}: ${code}.`)
  }

  return {
    put,
    async check(bucket, prefix, account) {
      const object = `${prefix === null ? '' : `${prefix}/`}AWSLogs/${account}/`
      try {
        // The folder of the account, which CloudTrail makes as well.
        await put({ bucket, object, bytes: Buffer.alloc(0), metadata: {} }, new AbortController().signal)
        return null
      } catch (error) {
        const isMissing = error instanceof DeliveryError && error.code === 'NoSuchBucket'
        const todo = isMissing ? 'Make the bucket first.' : 'See that this server may put objects there.'
        return { isMissing, text: `${reasonOf(error)} ${todo}` }
      }
    },
  }
}

async function send(
  url: URL,
  headers: Record<string, string>,
  body: Buffer,
  signal: AbortSignal,
): Promise<{ status: number; answer: Buffer }> {
  try {
    const { status, body: answer } = await fetch(url, {
      method: 'PUT',
      headers,
      body: new Uint8Array(body),
      signal,
      redirect: 'manual',
    })
    return { status, answer: answer === null ? Buffer.alloc(0) : await readSome(answer, MAX_ANSWER) }
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new DeliveryError('EndpointUnreachable', `${url.origin} cannot be reached: ${reasonOf(cause)}.`, error)
  }
}
