import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CreateKeyCommand, DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAIN } from '../program/program.ts'
import { answeredItself, startTogether, untilItself, untilRole, type Member, type Pair } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

const Plaintext = Buffer.of(1)

/** A root key in a file, of which each process has a copy of its own. */
let directory: string
let pair: Pair
let keys: { readonly one: string; readonly other: string }
let kms: { readonly one: KMSClient; readonly other: KMSClient }
let KeyId: string
/** Resolves when the follower leads. */
let leads: Promise<void>

const encrypt = (client: KMSClient) => client.send(new EncryptCommand({ KeyId, Plaintext }))

async function rotateRoot({ process: { path } }: Member): Promise<string> {
  const command = [MAIN, 'keyring', 'rotate', 'root', '--to', 'file', '--data', path, '--root-key', keys.one]
  return (await promisify(execFile)(process.execPath, command)).stdout
}

async function requireLeads(ciphertext: Uint8Array | undefined): Promise<void> {
  await pair.one.process.kill()
  await leads
  const { Plaintext: opened } = await kms.other.send(new DecryptCommand({ CiphertextBlob: ciphertext }))
  expect(Buffer.from(opened ?? [])).toEqual(Plaintext)
  await kms.other.send(new CreateKeyCommand({}))
}

describe.skipIf(POSTGRES_BIN === null)('A root key that is changed while processes serve', { timeout: 90_000 }, () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
    keys = { one: join(directory, 'one.key'), other: join(directory, 'other.key') }
    pair = await startTogether(await (await sharedPostgres()).newDatabase(), '--root-key', keys.one)
    const { one, other } = pair
    await copyFile(keys.one, keys.other)
    leads = other.process.start({ more: ['--root-key', keys.other] })
    leads.catch(() => {})
    await untilRole(other, 'follower')
    kms = { one: await one.client(), other: await other.client() }
    KeyId = (await kms.one.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''
    await untilItself(other, () => encrypt(kms.other))
  })
  afterEach(async () => {
    await pair[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  it('is found by a follower once it is there, which passes everything on until then', async () => {
    const { CiphertextBlob } = await encrypt(kms.one)
    expect(await rotateRoot(pair.one)).toContain('Other processes that serve the same database need it too: copy ')
    await vi.waitFor(async () => expect(await answeredItself(pair.other, () => encrypt(kms.other))).toBe(false), {
      timeout: 10_000,
    })
    await untilRole(pair.other, 'follower')
    await sleep(1000)
    for (let count = 0; count < 5; count += 1) {
      expect(await answeredItself(pair.other, () => encrypt(kms.other))).toBe(false)
    }
    await copyFile(keys.one, keys.other)
    await untilItself(pair.other, () => encrypt(kms.other))
    await requireLeads(CiphertextBlob)
  })

  it('is found by a follower that has to lead', async () => {
    const { CiphertextBlob } = await encrypt(kms.one)
    await rotateRoot(pair.one)
    await copyFile(keys.one, keys.other)
    await requireLeads(CiphertextBlob)
  })

  it('is not changed back by one that has not got it, which ends and says why', async () => {
    await rotateRoot(pair.one)
    await pair.one.process.kill()
    await expect(leads).rejects.toThrow('before it was ready')
    expect(await pair.other.process.ended()).toBe(2)
    await pair.one.process.start()
    await encrypt(kms.one)
  })
})
