import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { parseVerifier, verifierText, type KeyKind, type Signer } from '../../crypto/transparency/note.ts'
import { newestOf, requireSecret, wrapSecret, type DomainKey } from '../../crypto/sealing/keyring.ts'
import { AUDIT_KEYS, parseAuditKeys, type StoredAuditKey } from '../../storage/audit-keys.ts'
import { SECRET } from '../../storage/secret-labels.ts'
import type { RegionStore } from '../../storage/store.ts'

/** The Ed25519 keys of one store: its log's own, and the one by which it vouches for the logs of others. */
export interface LogKeys {
  readonly log: Signer
  readonly witness: Signer
}

/** The name of the log of a Region, or of what belongs to none (`global`), wherever it is seen. */
export function originOf(deployment: string, place: string): string {
  return `keyspan/${deployment}/${place}`
}

/** The keys of a store, which are made when they are first asked for. Their private halves are sealed in it. */
export async function openLogKeys(
  {
    reads,
    putMarks,
    domainKeys,
  }: Pick<RegionStore, 'putMarks' | 'domainKeys'> & {
    readonly reads: Pick<RegionStore['reads'], 'meta'>
  },
  origin: string,
): Promise<LogKeys> {
  const stored = await reads.meta(AUDIT_KEYS)
  if (stored !== null) {
    const { log, witness } = parseAuditKeys(stored)
    return { log: unseal(domainKeys, log), witness: unseal(domainKeys, witness) }
  }
  const keys = { log: generate(origin, 'log'), witness: generate(`${origin}/witness`, 'witness') }
  const sealed = { log: seal(newestOf(domainKeys), keys.log), witness: seal(newestOf(domainKeys), keys.witness) }
  await putMarks(new Map([[AUDIT_KEYS, JSON.stringify(sealed)]]))
  return keys
}

/** The public keys of a store, from what it keeps; null where it has none yet. */
export function publicKeysOf(meta: ReadonlyMap<string, string>): { log: string; witness: string } | null {
  const stored = meta.get(AUDIT_KEYS)
  if (stored === undefined) return null
  const { log, witness } = parseAuditKeys(stored)
  return { log: log.verifier, witness: witness.verifier }
}

function generate(name: string, kind: KeyKind): Signer {
  return { name, kind, ...generateKeyPairSync('ed25519') }
}

function seal(domainKey: DomainKey, signer: Signer): StoredAuditKey {
  const der = signer.privateKey.export({ format: 'der', type: 'pkcs8' })
  try {
    return { verifier: verifierText(signer), wrapped: wrapSecret(domainKey, SECRET.auditKey, signer.name, der) }
  } finally {
    der.fill(0)
  }
}

function unseal(domainKeys: readonly DomainKey[], { verifier, wrapped }: StoredAuditKey): Signer {
  const known = parseVerifier(verifier)
  if (known === null) throw new Error(`"${verifier}" is no public key of an audit log. Restore a backup.`)
  const der = requireSecret(domainKeys, SECRET.auditKey, known.name, wrapped)
  try {
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    return { ...known, privateKey, publicKey: createPublicKey(privateKey) }
  } finally {
    der.fill(0)
  }
}
