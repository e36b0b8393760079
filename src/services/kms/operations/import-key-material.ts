import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { readMaterial, UnfitMaterialError, unwrapMaterialFor, WrongSizeError } from '../../../crypto/import.ts'
import { hasMaterialId, materialId } from '../../../crypto/material.ts'
import { KEY_SPECS } from '../../../domain/key-spec.ts'
import { stagedMaterial } from '../../../domain/key.ts'
import type { MaterialId } from '../../../domain/material-id.ts'
import { DAY_MS } from '../../../domain/limits.ts'
import { roleOf } from '../../../domain/multi-region.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation, type WritePowers } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { timestamp } from '../../../kernel/parse.ts'
import { importAgain, importNew } from '../../../replication/imports.ts'
import type { Seat } from '../../../replication/governing.ts'
import { readSeat, writeStep } from '../../../replication/seat.ts'
import { scopeOf } from '../../../storage/vault.ts'
import { requireKnowing } from '../requirements.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { refuseForOneMaterial, requireImporting, shownMaterialId } from '../keys/imports.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ImportKeyMaterial'
const find = findKeyToManage(ACTION)

const LONGEST_VALIDITY_MS = 365 * DAY_MS

const input = z.object({
  KeyId: shape.keyId,
  ImportToken: shape.importToken,
  EncryptedKeyMaterial: shape.encryptedKeyMaterial,
  ValidTo: timestamp.optional(),
  ExpirationModel: z.enum(['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']).optional(),
  ImportType: z.enum(['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL']).optional(),
  KeyMaterialDescription: shape.keyMaterialDescription.optional(),
  KeyMaterialId: shape.keyMaterialId.optional(),
})
type Input = z.infer<typeof input>

/**
 * Brings material from outside into a key, in this Region only: its first, one to rotate to, or one that the key has
 * had and that was deleted, has expired, or was imported into the primary of related keys.
 */
export const ImportKeyMaterial = writeOperation({
  name: 'ImportKeyMaterial',
  errors: [
    errors.ExpiredImportTokenException,
    errors.IncorrectKeyMaterialException,
    errors.InvalidArnException,
    errors.InvalidCiphertextException,
    errors.InvalidImportTokenException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input,
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ ExpirationModel, ValidTo }, key, { region }) => [
    need(ACTION, key, region, {
      ...(ExpirationModel !== undefined && { 'kms:ExpirationModel': ExpirationModel }),
      ...(ValidTo !== undefined && { 'kms:ValidTo': String(ValidTo.getTime() / 1000) }),
    }),
  ],
  async run(given, key, { now, chosen }, powers) {
    requireImporting('ImportKeyMaterial', key)
    const expiresAt = expiryOf(given, now)
    requireMembers(given, key)
    const material = chosen?.material ?? (await openMaterial(given, key, now, powers))
    const { account, id: keyId, spec } = key.record
    const scope = scopeOf(key.record)
    const known = key.record.materials.find((each) => hasMaterialId(material, scope, spec, each.id))
    const id = known?.id ?? materialId(material, scope, spec)
    const isNew = requireFitting(given, key, id)
    const seat = await readSeat(powers.writes, account, keyId)
    const take = isNew ? importNew : importAgain
    const step = take(enabled(seat), id, expiresAt, given.KeyMaterialDescription)
    await writeStep(powers, seat, step, new Map([[id, material]]), now)
    return { KeyId: key.arn, KeyMaterialId: shownMaterialId(spec, id) }
  },
  record: (given, key, answer) => recordOf(given, [key], answer),
})

/** A key that was disabled is enabled by what comes into it. */
function enabled(seat: Seat): Seat {
  return { ...seat, key: seat.key && { ...seat.key, enabled: true } }
}

function expiryOf({ ExpirationModel = 'KEY_MATERIAL_EXPIRES', ValidTo }: Input, now: number): number | null {
  if (ExpirationModel === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (ValidTo === undefined) return null
    throw common.ValidationException(
      'A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    )
  }
  if (ValidTo === undefined) {
    throw common.ValidationException('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES')
  }
  const at = ValidTo.getTime()
  if (at <= now) throw common.ValidationException('ValidTo must be in the future')
  if (at > now + LONGEST_VALIDITY_MS) {
    throw common.ValidationException('ValidTo must be less than 365 days in the future')
  }
  return at
}

function requireMembers(given: Input, { record: { spec, family } }: KeySnapshot): void {
  const { ImportType, KeyMaterialDescription, KeyMaterialId } = given
  refuseForOneMaterial(spec, { ImportType, KeyMaterialDescription, KeyMaterialId })
  if (ImportType === 'NEW_KEY_MATERIAL' && KeyMaterialId !== undefined) {
    throw common.ValidationException(
      'KeyMaterialId is not for ImportType NEW_KEY_MATERIAL: new key material has none yet.',
    )
  }
  if (ImportType === 'NEW_KEY_MATERIAL' && roleOf(family) === 'REPLICA') {
    throw common.ValidationException(
      'Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys',
    )
  }
  if (KeyMaterialDescription !== undefined && roleOf(family) !== 'PRIMARY') {
    throw common.ValidationException(
      `KeyMaterialDescription can only be set on the primary key, which is in ${family?.primaryRegion}. Leave it out here.`,
    )
  }
}

/** Opens what was sent, if it was wrapped for this key and no more than a day ago. */
async function openMaterial(
  { ImportToken, EncryptedKeyMaterial }: Input,
  { record }: KeySnapshot,
  now: number,
  { writes, vault }: WritePowers,
): Promise<KeyObject> {
  const grant = vault.importTokens.open(record, ImportToken)
  if (grant === null) throw errors.InvalidImportTokenException()
  const job = await writes.importJob(grant.job)
  if (grant.expiresAt <= now || job === null) {
    throw errors.ExpiredImportTokenException(
      `The import token expired at ${new Date(grant.expiresAt).toISOString()}. Get a new one, and wrap the key material again.`,
    )
  }
  const bytes = await unwrapMaterialFor(
    vault.importTokens.unwrapKey(job.id, job.wrapped),
    grant.algorithm,
    EncryptedKeyMaterial,
  )
  if (bytes === null) throw errors.InvalidCiphertextException()
  try {
    return await readMaterial(KEY_SPECS[record.spec].recipe, record.usage === 'GENERATE_VERIFY_MAC', bytes)
  } catch (error) {
    if (error instanceof WrongSizeError) throw errors.InvalidCiphertextException()
    throw error instanceof UnfitMaterialError ? errors.IncorrectKeyMaterialException(error.message) : error
  } finally {
    bytes.fill(0)
  }
}

/** Says whether the material is a new one; refuses what is not the one that the key waits for, or not here. */
function requireFitting({ ImportType, KeyMaterialId }: Input, key: KeySnapshot, id: MaterialId): boolean {
  const { arn, record } = key
  const { materials, spec, family } = record
  const role = roleOf(family)
  if (KeyMaterialId !== undefined && KeyMaterialId !== id) {
    throw errors.IncorrectKeyMaterialException(
      `The key material is not the one of id ${KeyMaterialId}: in ${arn}, its id would be ${id}.`,
    )
  }
  const isNew =
    ImportType === undefined ? role !== 'REPLICA' && materials.length === 0 : ImportType === 'NEW_KEY_MATERIAL'
  const isKnown = materials.some((material) => material.id === id)
  if (isNew === isKnown) {
    const more = KEY_SPECS[spec].rotatable ? ` Its id would be ${id}.` : ''
    throw errors.IncorrectKeyMaterialException(
      isNew
        ? `The key material is not new to ${arn}.${more} Import it with ImportType EXISTING_KEY_MATERIAL.`
        : `The key material is none that ${arn} has had.${more}`,
    )
  }
  if (!isNew) return false
  requireKnowing(key)
  // The names of the materials belong to nobody while the primary moves.
  if (role === 'HANDING_OFF') throw errors.KMSInvalidStateException(`${arn} is updating.`)
  const staged = stagedMaterial(record)
  if (staged === null) return true
  throw errors.KMSInvalidStateException(
    `New key material (id: ${id}) cannot be imported into KMS key ${arn}, because another key material ` +
      `(id: ${staged.id}) is pending rotation.`,
  )
}
