import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { ClientRequest, ServerResponse, type OutgoingMessage } from 'node:http'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askRunningServer } from '../../src/cli/control-client.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { importInto, STAYS } from '../clients/import.ts'
import { untilState } from '../clients/kms-client.ts'
import { askControl } from '../control.ts'
import { AWAY, HOME } from '../server.ts'
import { createLine, type Line } from './line.ts'
import { startPlaces, type Place, type Places } from './places.ts'

const PASSPHRASE = 'correct horse battery staple'

let places: Places
let lines: readonly Line[]
let home: Place
let away: Place
/** What went over the wire, and what was said in it. */
const captured: Buffer[] = []
const said: Buffer[] = []
let restore: readonly (() => void)[] = []

beforeAll(async () => {
  places = await startPlaces([HOME, AWAY])
  ;[home, away] = [places.of(HOME), places.of(AWAY)]
  const [toHome = 0, toAway = 0] = [home, away].map((place) => Number(new URL(place.peersUrl ?? '').port))
  const listen = (bytes: Buffer) => void captured.push(bytes)
  lines = [await createLine(() => toAway, listen), await createLine(() => toHome, listen)]
  restore = [overhear(ClientRequest, 'x-keyspan-protocol'), overhear(ServerResponse, 'x-keyspan-home')]
  await home.start({ peer: [`${AWAY}=https://127.0.0.1:${lines[0]?.port}`] })
  await away.start({ peer: [`${HOME}=https://127.0.0.1:${lines[1]?.port}`] })
})
afterAll(async () => {
  for (const end of restore) end()
  await places[Symbol.asyncDispose]()
  for (const line of lines) await line[Symbol.asyncDispose]()
})

/** Keeps what servers say to each other, as it is before TLS. */
function overhear(kind: { readonly prototype: OutgoingMessage }, header: string): () => void {
  const { prototype } = kind
  const own = Object.hasOwn(prototype, 'end')
  // oxlint-disable-next-line typescript/unbound-method -- it is called on what it was called on
  const end = prototype.end as (...args: unknown[]) => OutgoingMessage
  prototype.end = function (this: OutgoingMessage, ...args: unknown[]) {
    const [body] = args
    if (this.getHeader(header) !== undefined && (typeof body === 'string' || Buffer.isBuffer(body))) {
      said.push(Buffer.from(body as string))
    }
    return end.apply(this, args)
  } as typeof prototype.end
  return () => {
    if (own) prototype.end = end as typeof prototype.end
    else delete (prototype as { end?: unknown }).end
  }
}

const kms = async (place: Place) =>
  new KMSClient({ region: place.region, endpoint: place.url, credentials: await place.credentials() })

/** How a secret could be written; what is signed is once more in base64, in which its place counts. */
function formsOf(secret: Buffer): readonly Buffer[] {
  const hex = secret.toString('hex')
  const inner = [secret, Buffer.from(secret.toString('base64'))]
  const shifted = inner.flatMap((bytes) =>
    [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(4, -4),
    ),
  )
  return [
    secret,
    ...[hex, hex.toUpperCase(), secret.toString('base64url').slice(0, -2), ...shifted].map((text) => Buffer.from(text)),
  ]
}

const filesOf = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && !path.includes('/aws/'))

describe('What servers keep and tell each other', () => {
  it('has no material, data key, secret access key or passphrase in it, in whatever form', async () => {
    const [here, there] = [await kms(home), await kms(away)]
    const secrets = new Map<string, Buffer>()
    // Material that KMS has made cannot be seen: what is imported is material that the test knows.
    const { KeyMetadata } = await here.send(new CreateKeyCommand({ MultiRegion: true, Origin: 'EXTERNAL' }))
    const imported = KeyMetadata?.KeyId ?? ''
    const material = randomBytes(32)
    secrets.set('imported material', material)
    await importInto(here, imported, material, STAYS)
    await here.send(new ReplicateKeyCommand({ KeyId: imported, ReplicaRegion: AWAY }))
    await untilState(there, imported, 'PendingImport')
    await importInto(there, imported, material, STAYS)
    await untilState(there, imported, 'Enabled')

    const made = await here.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = made.KeyMetadata?.KeyId ?? ''
    await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(there, KeyId, 'Enabled')
    await here.send(new RotateKeyOnDemandCommand({ KeyId }))
    const plaintext = Buffer.from('a plaintext that nobody else has')
    secrets.set('plaintext', plaintext)
    const { CiphertextBlob } = await here.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))
    await there.send(new DecryptCommand({ CiphertextBlob }))
    const { Plaintext = Buffer.of() } = await there.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
    secrets.set('data key', Buffer.from(Plaintext))

    const iam = new IAMClient({ region: HOME, endpoint: home.url, credentials: await home.credentials() })
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }))
    const { secretAccessKey } = await home.credentials()
    secrets.set('access key of a user', Buffer.from(AccessKey?.SecretAccessKey ?? ''))
    secrets.set('access key of root', Buffer.from(secretAccessKey))
    const own = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
    const asUser = new KMSClient({ region: AWAY, endpoint: away.url, credentials: own, maxAttempts: 1 })
    await expect(asUser.send(new DecryptCommand({ CiphertextBlob }))).rejects.toThrow(/not authorized/)

    secrets.set('passphrase', Buffer.from(PASSPHRASE))
    await askRunningServer(dataDirectory(away.path), '/keyring/passphrase', Buffer.from(PASSPHRASE))
    const backups = [home, away].map(({ path }) => `${path}-backup`)
    for (const [index, place] of [home, away].entries()) await askControl(place, '/backup', { target: backups[index] })

    const paths = [home.path, away.path, ...backups].flatMap(filesOf)
    const contents = new Map(paths.map((path) => [path, readFileSync(path)]))
    contents.set('the wire', Buffer.concat(captured))
    contents.set('what was said', Buffer.concat(said))
    for (const path of backups) await rm(path, { recursive: true })
    expect(said.length).toBeGreaterThan(10)
    // That the search finds what is there.
    expect(isIn(contents.get('what was said') ?? Buffer.of(), Buffer.from('"afterSeq":'))).toBe(true)
    for (const [name, secret] of secrets) {
      expect(secret.length).toBeGreaterThan(20)
      for (const [path, content] of contents) expect(isIn(content, secret), `${name} in ${path}`).toBe(false)
    }
  }, 60_000)
})

function isIn(content: Buffer, secret: Buffer): boolean {
  return formsOf(secret).some((form) => content.includes(form))
}
