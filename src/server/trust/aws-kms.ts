import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { randomSecret } from '../../crypto/random.ts'
import { KeyringError, type DomainKeyAbout, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { readCredentialsFile, type AwsCredentials } from '../aws/credentials.ts'
import { signRequest } from '../aws/signature.ts'
import { ConfigError } from '../config/config-error.ts'
import type { RootKmsConfig } from '../config/root.ts'
import { readSome } from '../read-stream.ts'
import { reasonOf } from '../system-errors.ts'
import { readRoots, ROOT_OF, rootName, ROOTS } from './roots.ts'

/** A request that takes longer has failed, in milliseconds. */
const TIMEOUT_MS = 5000
/** How often it is tried where the other side cannot be reached, or fails, and how long it waits between, in milliseconds. */
const WAITS_MS = [0, 300, 1000]
/** No answer is longer, in bytes. */
const MAX_ANSWER = 64 * 1024
const SERVER_ERROR = 500

const encrypted = z.object({ KeyId: z.string(), CiphertextBlob: z.string() })
const decrypted = z.object({ Plaintext: z.string() })
const refusal = z.object({ __type: z.string().default(''), message: z.string().default('') })

/**
 * A root key that is a key in AWS KMS, or in another Keyspan: it never leaves there. Domain keys are wrapped by Encrypt,
 * bound by the encryption context to where they belong.
 *
 * It is tried at once, both ways.
 *
 * @param expected the ARN of the key by which there are domain keys; null for whichever is named
 * @throws ConfigError where a setting is missing, or KeyringError where the key cannot be used
 */
export async function openKmsRoot(
  config: RootKmsConfig,
  env: NodeJS.ProcessEnv,
  expected: string | null,
): Promise<RootKeyProvider> {
  const { key } = config
  if (key === null) {
    const known = expected === null ? '' : `, such as ${expected}, to which this data belongs`
    throw new ConfigError(`The root key is a key in KMS. Name it: give root-kms-key${known}.`)
  }
  const client = kmsClient(config, key, env)
  const trial = { deployment: '', partition: 'aws', region: 'trial', version: 0, format: 0 }
  const bytes = randomSecret(32)
  const wrapped = await client.wrap(key, bytes, trial)
  if (expected !== null && wrapped.ref !== expected) {
    throw new KeyringError(`This data belongs to the root key ${expected}, and root-kms-key names ${wrapped.ref}.`)
  }
  const again = await client.unwrap(wrapped, trial)
  if (!again.equals(bytes)) throw new KeyringError(`${client.place} does not give back what it has encrypted.`)
  return {
    kind: 'aws-kms',
    currentRef: () => wrapped.ref,
    wrap: (plaintext, about) => client.wrap(wrapped.ref, plaintext, about),
    unwrap: (each, about) => client.unwrap(each, about),
    roots: client.roots,
  }
}

function kmsClient(config: RootKmsConfig, key: string, env: NodeJS.ProcessEnv) {
  const region = regionOf(config, key, env)
  const endpoint = config.endpoint ?? new URL(`https://kms.${region}.amazonaws.com`)
  let roots: readonly string[] = []

  async function ask(operation: string, input: object, deployment: string): Promise<unknown> {
    const body = Buffer.from(JSON.stringify(input))
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
      [ROOT_OF]: rootName(deployment),
    }
    try {
      const { status, text, names } = await send(endpoint, body, () =>
        signRequest(
          { method: 'POST', url: endpoint, headers, body },
          credentialsOf(config, env),
          { service: 'kms', region },
          Date.now(),
        ),
      )
      roots = names
      requireNoLoop(endpoint, deployment, names)
      if (status === 200) return JSON.parse(text)
      throw refused(endpoint, operation, status, text)
    } finally {
      body.fill(0)
    }
  }

  return {
    place: endpoint.origin,
    roots: () => roots,
    async wrap(keyId: string, plaintext: Uint8Array, about: DomainKeyAbout) {
      const input = {
        KeyId: keyId,
        Plaintext: Buffer.from(plaintext).toString('base64'),
        EncryptionContext: contextOf(about),
      }
      const answer = encrypted.parse(await ask('Encrypt', input, about.deployment))
      return { ref: answer.KeyId, blob: Buffer.from(answer.CiphertextBlob, 'base64') }
    },
    async unwrap({ ref, blob }: { readonly ref: string; readonly blob: Buffer }, about: DomainKeyAbout) {
      if (!ref.startsWith('arn:')) {
        throw new KeyringError(`Root key ${ref} is none of KMS. Put the files back that belong together.`)
      }
      const input = { KeyId: ref, CiphertextBlob: blob.toString('base64'), EncryptionContext: contextOf(about) }
      const answer = decrypted.parse(await ask('Decrypt', input, about.deployment))
      return Buffer.from(answer.Plaintext, 'base64')
    },
  }
}

/** What a wrapped domain key is bound to; it is in the records of whoever holds the root key. */
function contextOf({ deployment, partition, region, version, format }: DomainKeyAbout): Record<string, string> {
  return {
    'keyspan:purpose': 'domain-key',
    'keyspan:partition': partition,
    'keyspan:region': region,
    'keyspan:version': String(version),
    'keyspan:format': String(format),
    ...(deployment !== '' && { 'keyspan:deployment': deployment }),
  }
}

/** A key that rests, by whatever way, under itself is lost when its servers stop. */
function requireNoLoop(endpoint: URL, deployment: string, names: readonly string[]): void {
  const own = rootName(deployment)
  if (deployment === '' || !names.includes(own)) return
  const way =
    names[0] === own ? 'is this very deployment' : 'keeps its own root key in this deployment, or by way of others'
  throw new KeyringError(
    `${endpoint.origin} ${way}: neither could be started again without the other. Name a key that is elsewhere.`,
  )
}

function refused(endpoint: URL, operation: string, status: number, text: string): KeyringError {
  const { __type: type, message } = refusal.catch({ __type: '', message: '' }).parse(parsed(text))
  const code = type === '' ? `status ${status}` : type.replace(/^.*#/, '')
  const said = message === '' ? '' : `: ${message.slice(0, 500)}`
  return new KeyringError(`The root key cannot be used. ${endpoint.origin} refuses ${operation} with ${code}${said}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

async function send(endpoint: URL, body: Buffer, sign: () => Record<string, string>) {
  let obstacle = ''
  for (const wait of WAITS_MS) {
    await sleep(wait)
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const sent = { method: 'POST', headers: sign(), body: new Uint8Array(body), signal, redirect: 'manual' } as const
      const response = await fetch(endpoint, sent)
      const answer = response.body === null ? Buffer.alloc(0) : await readSome(response.body, MAX_ANSWER)
      const text = answer.toString()
      if (response.status < SERVER_ERROR)
        return { status: response.status, text, names: readRoots(response.headers.get(ROOTS)) }
      obstacle = `it answers with the status ${response.status}`
    } catch (error) {
      if (error instanceof ConfigError) throw error
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
      obstacle = error instanceof Error && error.name === 'TimeoutError' ? 'it does not answer' : reasonOf(cause)
    }
  }
  throw new KeyringError(
    `The root key cannot be reached: ${endpoint.origin}, after ${WAITS_MS.length} tries: ${obstacle}. See that it ` +
      'runs, and start again.',
  )
}

function regionOf(config: RootKmsConfig, key: string, env: NodeJS.ProcessEnv): string {
  const ofKey = /^arn:[^:]*:kms:([a-z0-9-]+):/.exec(key)?.[1]
  const region = ofKey ?? credentialsOf(config, env).region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  if (region !== undefined && region !== '') return region
  throw new ConfigError('In which Region the root key is, nobody says. Give root-kms-key an ARN, or set AWS_REGION.')
}

function credentialsOf({ credentials }: RootKmsConfig, env: NodeJS.ProcessEnv): AwsCredentials {
  if (credentials !== null) return readCredentialsFile(credentials)
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = env
  if (accessKeyId === '' || secretAccessKey === '') {
    throw new ConfigError(
      'There are no credentials for the root key in KMS. Give root-kms-credentials a file of them, or set ' +
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    )
  }
  return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] || null, region: null }
}
