import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRootKeyFile } from '../src/server/data/root-key-file.ts'
import {
  createDomainKey,
  KeyringError,
  openDomainKey,
  unwrapMaterial,
  unwrapSecret,
  wrapMaterial,
  wrapSecret,
  type MaterialAbout,
  type RootKeyProvider,
} from '../src/crypto/sealing/keyring.ts'
import { generateMaterial, materialId, scopeArn } from '../src/crypto/material.ts'

const place = { deployment: randomUUID(), partition: 'aws', region: 'us-east-1' }
let directory: string
let root: RootKeyProvider

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  root = await openRootKeyFile({ path: join(directory, 'root.key'), mayCreate: true })
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('A domain key', () => {
  it('opens with the root key, in the place where it belongs', async () => {
    const made = await createDomainKey(root, place, 1)
    const opened = await openDomainKey(root, place, made)
    expect(opened.key.equals(made.key)).toBe(true)
  })

  it('opens nowhere else, not as another version, and with no other root key', async () => {
    const made = await createDomainKey(root, place, 1)
    const otherRoot = await openRootKeyFile({ path: join(directory, 'other.key'), mayCreate: true })
    const kcv = Buffer.from(made.kcv)
    kcv[0] = (kcv[0] ?? 0) ^ 1
    for (const attempt of [
      openDomainKey(root, { ...place, region: 'eu-west-1' }, made),
      openDomainKey(root, { ...place, deployment: randomUUID() }, made),
      openDomainKey(root, place, { ...made, version: 2 }),
      openDomainKey(root, place, { ...made, kcv }),
      openDomainKey(root, place, { ...made, kcv: kcv.subarray(0, 4) }),
      openDomainKey(otherRoot, place, made),
    ]) {
      await expect(attempt).rejects.toThrow(KeyringError)
    }
  })
})

describe('A material', () => {
  const material = generateMaterial()
  const name = { ...place, account: '111122223333', keyId: 'mrk-1' }
  const about: MaterialAbout = {
    ...name,
    materialId: materialId(material, scopeArn(name), 'SYMMETRIC_DEFAULT'),
    generation: 1,
    keySpec: 'SYMMETRIC_DEFAULT',
    keyUsage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
  }

  it('comes back as it was', async () => {
    const domainKey = await createDomainKey(root, place, 1)
    expect(unwrapMaterial(domainKey, about, wrapMaterial(domainKey, about, material)).equals(material)).toBe(true)
  })

  it('does not open as anything else than it is', async () => {
    const domainKey = await createDomainKey(root, place, 1)
    const wrapped = wrapMaterial(domainKey, about, material)
    const changes: readonly Partial<MaterialAbout>[] = [
      { account: '444455556666' },
      { region: 'eu-west-1' },
      { deployment: 'other' },
      { keyId: 'mrk-2' },
      { generation: 2 },
      { keyUsage: 'SIGN_VERIFY' },
      { keySpec: 'HMAC_256' },
      { origin: 'EXTERNAL' },
      { materialId: '0'.repeat(64) },
    ]
    for (const change of changes) {
      expect(() => unwrapMaterial(domainKey, { ...about, ...change }, wrapped), JSON.stringify(change)).toThrow(
        KeyringError,
      )
    }
    for (const part of ['salt', 'iv', 'ciphertext', 'tag'] as const) {
      const bytes = Buffer.from(wrapped[part])
      bytes[0] = (bytes[0] ?? 0) ^ 1
      expect(() => unwrapMaterial(domainKey, about, { ...wrapped, [part]: bytes }), part).toThrow(KeyringError)
    }
    expect(() => unwrapMaterial(domainKey, about, { ...wrapped, recordVersion: 2 })).toThrow(KeyringError)
  })

  it('is refused where the bytes are not those of its id, however well they are wrapped', async () => {
    const domainKey = await createDomainKey(root, place, 1)
    const swapped = wrapMaterial(domainKey, about, generateMaterial())
    expect(() => unwrapMaterial(domainKey, about, swapped)).toThrow(KeyringError)
  })
})

describe('Any other secret', () => {
  it('opens under its own label and context, and under no other', async () => {
    const domainKey = await createDomainKey(root, place, 1)
    const wrapped = wrapSecret(domainKey, 'label', 'context', Buffer.from('secret'))
    expect(unwrapSecret(domainKey, 'label', 'context', wrapped).toString()).toBe('secret')
    expect(wrapped).not.toContain(Buffer.from('secret').toString('base64').slice(0, 6))
    for (const attempt of [
      () => unwrapSecret(domainKey, 'other', 'context', wrapped),
      () => unwrapSecret(domainKey, 'label', 'other', wrapped),
      () => unwrapSecret({ ...domainKey, version: 2 }, 'label', 'context', wrapped),
      () => unwrapSecret(domainKey, 'label', 'context', ''),
      () => unwrapSecret(domainKey, 'label', 'context', wrapped.slice(0, 20)),
    ]) {
      expect(attempt).toThrow(KeyringError)
    }
  })
})
