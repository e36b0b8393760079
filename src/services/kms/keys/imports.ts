import { KEY_SPECS, type KeySpec } from '../../../domain/key-spec.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { requireOrigin, requireState } from '../requirements.ts'

/** Refuses a key that takes no material from outside, or not now. */
export function requireImporting(
  operation: 'DeleteImportedKeyMaterial' | 'GetParametersForImport' | 'ImportKeyMaterial',
  key: KeySnapshot,
): void {
  requireOrigin('EXTERNAL', key)
  requireState(operation, key)
}

/** Only symmetric encryption keys have materials that are told apart: of the others it is not said which. */
export function shownMaterialId(spec: KeySpec, id: string | null): string | undefined {
  return KEY_SPECS[spec].rotatable && id !== null ? id : undefined
}

/** Refuses members that only a symmetric encryption key has a use for. */
export function refuseForOneMaterial(spec: KeySpec, members: Readonly<Record<string, unknown>>): void {
  if (KEY_SPECS[spec].rotatable) return
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue
    throw common.ValidationException(
      `${name} is only for symmetric encryption keys. A key of spec ${spec} has one key material: leave it out.`,
    )
  }
}
