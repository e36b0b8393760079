import { createPrivateKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { identityCertificate, succeededBy } from '../crypto/identity-certificate.ts'
import { fingerprint, generateSigningKey } from '../crypto/region-signature.ts'
import { newestOf, requireSecret, wrapSecret, type DomainKey } from '../crypto/sealing/keyring.ts'
import { SECRET } from './secret-labels.ts'
import type { RegionStore, RegionWrites } from './store.ts'

/** Where a store keeps the certificates by which those who know a former identity know the present one. */
const SUCCESSION = 'identity-succession'

/** The key by which a Region signs what it says to others. */
export interface RegionIdentity {
  readonly id: string
  readonly publicKey: Buffer
  readonly privateKey: KeyObject
  /** Certificates, the newest first: each is signed by the identity before it, and the last one by itself. */
  readonly succession: readonly Buffer[]
}

const kept = z.array(z.base64())

/** Opens the identity of a Region; one that has none gets it. */
export async function openIdentity(store: RegionStore): Promise<RegionIdentity> {
  const { domainKeys, reads } = store
  const stored = await reads.identity()
  if (stored === null) {
    return store.transaction((writes) => putIdentity(writes, store, null))
  }
  const der = requireSecret(domainKeys, SECRET.identity, stored.id, stored.wrapped)
  try {
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const text = await reads.meta(SUCCESSION)
    const { id, publicKey } = stored
    const succession =
      text === null
        ? [identityCertificate(store.region, publicKey, privateKey)]
        : kept.parse(JSON.parse(text)).map((each) => Buffer.from(each, 'base64'))
    return { id, publicKey, privateKey, succession }
  } finally {
    der.fill(0)
  }
}

/**
 * Makes another identity, whose certificate the former one signs with its last signature: its private key is deleted.
 *
 * @param former null for the first one
 */
export async function putIdentity(
  writes: RegionWrites,
  { region, domainKeys }: { readonly region: string; readonly domainKeys: readonly DomainKey[] },
  former: RegionIdentity | null,
): Promise<RegionIdentity> {
  const { privateKey, publicKey } = generateSigningKey()
  const id = fingerprint(publicKey)
  const certificate = identityCertificate(region, publicKey, former?.privateKey ?? privateKey)
  const succession = succeededBy(certificate, former?.succession ?? [])
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  try {
    const wrapped = wrapSecret(newestOf(domainKeys), SECRET.identity, id, der)
    await writes.putIdentity({ id, publicKey, wrapped })
  } finally {
    der.fill(0)
  }
  await writes.putMeta(SUCCESSION, JSON.stringify(succession.map((each) => each.toString('base64'))))
  return { id, publicKey, privateKey, succession }
}
