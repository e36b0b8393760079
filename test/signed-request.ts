import { SignatureV4 } from '@smithy/signature-v4'
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'

type Data = string | ArrayBuffer | ArrayBufferView

/** Node's hashes in the form in which AWS's signer takes them. */
class Sha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)
}

/** A request as a client of AWS would send it, unless told otherwise. */
export interface RequestPlan {
  readonly url: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; sessionToken?: string }
  readonly region?: string
  readonly service?: string
  readonly target?: string
  readonly method?: string
  readonly path?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly at?: Date
}

/** A request that is signed and not yet sent, so that a test can spoil it. */
export interface SignedRequest {
  method: string
  path: string
  query: string
  headers: Record<string, string>
  body: Uint8Array
}

/** Signs with AWS's own signer. */
export async function signRequest(plan: RequestPlan): Promise<SignedRequest> {
  const { service = 'kms', region = 'us-east-1', method = 'POST', path = '/', query = {}, body = '{}' } = plan
  const signer = new SignatureV4({ service, region, credentials: plan.credentials, sha256: Sha256 })
  const url = new URL(plan.url)
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path,
      query: { ...query },
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        ...(plan.target !== undefined && { 'x-amz-target': plan.target }),
        ...plan.headers,
      },
      body,
    },
    plan.at === undefined ? {} : { signingDate: plan.at },
  )
  return {
    method,
    path,
    query: Object.entries(query)
      .map((pair) => pair.map(encodeURIComponent).join('='))
      .join('&'),
    headers: { ...signed.headers },
    body: Buffer.from(body),
  }
}

/** Sends a request over a real socket. */
export async function send(url: string, request: SignedRequest) {
  const { host: _host, ...headers } = request.headers
  const response = await fetch(`${url}${request.path}${request.query === '' ? '' : `?${request.query}`}`, {
    method: request.method,
    headers,
    ...(request.method !== 'GET' && { body: Buffer.from(request.body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}
