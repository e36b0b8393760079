import { send, signRequest } from '../test/signed-request.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** How many differently signed requests a round goes through: fewer would let a cache of requests look good. */
const DISTINCT = 500

/** Asks one operation, and gives the answer. */
export async function ask(url: string, credentials: Credentials, operation: string, input: object) {
  const request = await signRequest({
    url,
    credentials,
    target: `TrentService.${operation}`,
    body: JSON.stringify(input),
  })
  const { status, text } = await send(url, request)
  if (status !== 200) throw new Error(`${operation} at ${url}: ${text}`)
  return JSON.parse(text) as Record<string, string>
}

/** Makes a key, and gives its id. */
export async function createKey(
  { url, credentials }: { readonly url: string; readonly credentials: Credentials },
  input: object = {},
): Promise<string> {
  const made: unknown = await ask(url, credentials, 'CreateKey', input)
  return (made as { KeyMetadata: { KeyId: string } }).KeyMetadata.KeyId
}

/** Builds whole requests, really signed, each with a body of its own. */
export async function buildRequests(
  url: string,
  credentials: Credentials,
  operation: string,
  inputOf: (index: number) => object,
  distinct = DISTINCT,
): Promise<readonly Buffer[]> {
  const requests: Buffer[] = []
  for (let index = 0; index < distinct; index += 1) {
    const { headers, body } = await signRequest({
      url,
      credentials,
      target: `TrentService.${operation}`,
      body: JSON.stringify(inputOf(index)),
    })
    const lines = Object.entries({ ...headers, 'content-length': String(body.length) })
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    requests.push(Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${head}\r\n`), body]))
  }
  return requests
}
