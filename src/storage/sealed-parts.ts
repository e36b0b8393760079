import type { KeyObject } from 'node:crypto'
import {
  KeyringError,
  unwrapMaterial,
  type DomainKey,
  type MaterialAbout,
  type Place,
} from '../crypto/sealing/keyring.ts'
import { parseVerifier } from '../crypto/transparency/note.ts'
import type { KeyRecord } from '../domain/key.ts'
import { aboutMaterial } from './about-material.ts'
import { namesAuditKeys, parseAuditKeys } from './audit-keys.ts'
import { DIGEST_KEY, digestKeyText, parseDigestKey } from './digest-key.ts'
import type { RowSeal } from './row-seal.ts'
import { SECRET } from './secret-labels.ts'

type Cell = string | number | Uint8Array | null

/**
 * The columns of a row that hold secrets of their own, with each secret replaced by what `again` makes of it.
 *
 * @param again is told what the secret is, and whose
 */
export function mapSecrets(
  table: string,
  row: Readonly<Record<string, Cell>>,
  again: (label: string, context: string, wrapped: string) => string,
): Readonly<Record<string, Cell>> {
  const text = (column: string) => String(row[column])
  if (table === 'identity') return { wrapped: again(SECRET.identity, text('id'), text('wrapped')) }
  if (table === 'import_job') return { wrapped: again(SECRET.importKey, text('id'), text('wrapped')) }
  if (table === 'access_key') return { secret: again(SECRET.accessKey, text('id'), text('secret')) }
  if (table === 'meta' && namesAuditKeys(row['name'])) {
    const { log, witness } = parseAuditKeys(text('value'))
    const key = ({ verifier, wrapped }: typeof log) => {
      const { name } = parseVerifier(verifier) ?? { name: '' }
      return { verifier, wrapped: again(SECRET.auditKey, name, wrapped) }
    }
    return { value: JSON.stringify({ log: key(log), witness: key(witness) }) }
  }
  if (table === 'meta' && row['name'] === DIGEST_KEY) {
    const stored = parseDigestKey(text('value'))
    return { value: digestKeyText({ ...stored, wrapped: again(SECRET.digestKey, stored.fingerprint, stored.wrapped) }) }
  }
  return {}
}

/** A material as it rests in its table. */
export interface MaterialRow {
  readonly id: string
  readonly account: string
  readonly key_id: string
  readonly generation: number
  readonly domain_key_version: number
  readonly record_version: number
  readonly salt: Uint8Array
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/**
 * Opens a material as it rests.
 *
 * @param key the row of its key
 * @throws KeyringError or RowError
 */
export function openMaterialRow(
  row: MaterialRow,
  key: (Readonly<Record<string, Cell>> & { readonly mac: Uint8Array }) | undefined,
  place: Place,
  domainKeys: readonly DomainKey[],
  seal: RowSeal,
): { readonly about: MaterialAbout; readonly material: KeyObject } {
  const domainKey = domainKeys.find(({ version }) => version === row.domain_key_version)
  if (key === undefined || domainKey === undefined) {
    const missing = key === undefined ? `its key ${row.key_id}` : `domain key ${row.domain_key_version}`
    throw new KeyringError(`Material ${row.id} of ${place.region} has lost ${missing}. Restore a backup.`)
  }
  const record = JSON.parse(String(seal.open('key', key)['record'])) as KeyRecord
  const about = aboutMaterial(place, record, row.id, row.generation)
  const wrapped = {
    domainKeyVersion: row.domain_key_version,
    recordVersion: row.record_version,
    salt: Buffer.from(row.salt),
    iv: Buffer.from(row.iv),
    ciphertext: Buffer.from(row.ciphertext),
    tag: Buffer.from(row.tag),
  }
  return { about, material: unwrapMaterial(domainKey, about, wrapped) }
}
