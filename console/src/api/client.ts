import { ApiError } from './errors.ts'
import { signedFetch, type Credentials } from './signed-fetch.ts'

/** Who asks, and where. */
export interface Asking {
  readonly credentials: Credentials
  readonly region: string
}

/** What is in an answer. */
type Json = Readonly<Record<string, unknown>>

/**
 * Asks a service of the AWS JSON protocol.
 *
 * @param target the prefix of its operations, such as `TrentService`
 * @throws ApiError
 */
export async function askJson<Answer>(
  { credentials, region }: Asking,
  { service, target }: { readonly service: string; readonly target: string },
  operation: string,
  input: object,
): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${operation}` }
  const response = await signedFetch({ credentials, region, service, headers, body: JSON.stringify(input) })
  return readJson<Answer>(response)
}

/** Asks a service of the AWS REST JSON protocol by a path. @throws ApiError */
export async function askRest<Answer>(
  { credentials, region }: Asking,
  service: string,
  path: string,
  input: object,
): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return readJson<Answer>(
    await signedFetch({ credentials, region, service, path, headers, body: JSON.stringify(input) }),
  )
}

/** Asks a service of the AWS query protocol; the answer is XML. @throws ApiError */
export async function askQuery(
  { credentials, region }: Asking,
  { service, version }: { readonly service: string; readonly version: string },
  operation: string,
  input: Readonly<Record<string, string>>,
): Promise<Document> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams({ Action: operation, Version: version, ...input }).toString()
  const response = await signedFetch({ credentials, region, service, headers, body })
  const xml = new DOMParser().parseFromString(await response.text(), 'application/xml')
  if (response.ok) return xml
  const text = (name: string): string => xml.querySelector(name)?.textContent ?? ''
  throw new ApiError(text('Code'), text('Message'), response.status, response.headers.get('x-keyspan-explain'))
}

/** The JSON of an answer. @throws ApiError */
export async function readJson<Answer>(response: Response): Promise<Answer> {
  const text = await response.text()
  const answer = (text === '' ? {} : JSON.parse(text)) as Json
  if (response.ok) return answer as Answer
  const told = [answer['__type'], response.headers.get('x-amzn-errortype')].find((each) => typeof each === 'string')
  const code = told ?? `HTTP ${response.status}`
  const message = [answer['message'], answer['Message']].find((each) => typeof each === 'string') ?? ''
  const explainId = response.headers.get('x-keyspan-explain')
  throw new ApiError(code.replace(/^.*#/, '').replace(/:.*$/, ''), message, response.status, explainId)
}
