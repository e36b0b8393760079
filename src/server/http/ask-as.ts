import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request as requestPlain, type RequestOptions } from 'node:http'
import { request as requestTls } from 'node:https'
import { signHeaders } from '../../protocol/sigv4.ts'
import type { ClientProfile } from '../data/profiles.ts'
import { reasonOf } from '../system-errors.ts'

/** How long an answer may take: making the longest RSA keys takes seconds. */
const ANSWER_MS = 60_000
const OK = 200

/** A request of a service, but for its signature. */
interface Question {
  /** The name by which the service is signed for. */
  readonly service: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly text: string
  /** By which the explanation of a refusal can be asked for; null where there is none. */
  readonly explainId: string | null
}

/**
 * Asks an operation of KMS as any of its clients does, with a profile's access key.
 *
 * @throws Error that says what was refused and why, or why nobody has answered
 */
export async function askKms(profile: ClientProfile, operation: string, input: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` }
  const answer = await ask(profile, { service: 'kms', headers, body: JSON.stringify(input) })
  const content = (answer.text === '' ? {} : JSON.parse(answer.text)) as Readonly<Record<string, string | undefined>>
  if (answer.status === OK) return content
  throw refusal(answer, content['__type'] ?? '', content['message'] ?? content['Message'] ?? '')
}

/** The account of a profile's access key. @throws as `askKms` does */
export async function askAccount(profile: ClientProfile): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const answer = await ask(profile, { service: 'sts', headers, body })
  const valueOf = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text)?.[1] ?? ''
  if (answer.status === OK) return valueOf('Account')
  throw refusal(answer, valueOf('Code'), valueOf('Message'))
}

function refusal({ explainId }: Answer, code: string, message: string): Error {
  const explained = explainId === null ? '' : ` keyspan explain ${explainId} says why.`
  return new Error(`${message === '' ? code : `${message} (${code})`}${explained}`)
}

async function ask(profile: ClientProfile, question: Question): Promise<Answer> {
  try {
    return await send(profile, question)
  } catch (error) {
    const reason = error instanceof Error && error.name === 'AbortError' ? 'it does not answer' : reasonOf(error)
    throw new Error(`${profile.url} cannot be asked: ${reason}. Start the server with keyspan serve.`, { cause: error })
  }
}

function send({ url, region, accessKeyId, secretAccessKey }: ClientProfile, { service, headers, body }: Question) {
  const secret = createSecretKey(Buffer.from(`AWS4${secretAccessKey}`))
  const plain = { method: 'POST', path: '/', query: '', headers: { ...headers, host: new URL(url).host } }
  const signed = signHeaders(
    { ...plain, body: Buffer.from(body) },
    { accessKeyId, secret, region, service },
    Date.now(),
  )
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    headers: signed,
    signal: AbortSignal.timeout(ANSWER_MS),
  }
  return new Promise<Answer>((resolve, reject) => {
    const asking = url.startsWith('https:')
      ? requestTls(url, { ...options, ...trusted(process.env) })
      : requestPlain(url, options)
    asking.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          explainId: [response.headers['x-keyspan-explain']].flat()[0] ?? null,
        }),
      )
      response.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}

/** Whose certificates are trusted, as the AWS CLI is told. */
function trusted({ AWS_CA_BUNDLE: path }: NodeJS.ProcessEnv): { readonly ca?: Buffer } {
  return path === undefined ? {} : { ca: readFileSync(path) }
}
