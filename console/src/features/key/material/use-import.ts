import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { KeySpec } from '../../../../../src/domain/key-spec.ts'
import type { KeyMetadata } from '../../../api/kms.ts'
import { tell } from '../../../shell/notifications.ts'
import { useAsking } from '../../../shell/place.ts'
import { words } from '../../../words/en.ts'
import { importMaterial } from './import-material.ts'
import { readMaterial } from './read-material.ts'

/** How long material can be valid, in days (AWS KMS API Reference, ImportKeyMaterial). */
export const VALIDITY_DAYS = { least: 1, most: 365 }
const DAY_SECONDS = 86_400
const MINUTE_SECONDS = 60

/** Material that is not imported yet. */
export interface ImportDraft {
  readonly source: 'file' | 'random'
  readonly file: File | null
  /** What is wrong with the file; null where nothing is. */
  readonly fault: string | null
  /** Bytes that were made here, and given to whoever made them; null before. */
  readonly random: Uint8Array<ArrayBuffer> | null
  readonly description: string
  readonly expires: boolean
  /** As it was typed. */
  readonly days: string
}

/** Before anything was given. */
export const NO_IMPORT: ImportDraft = {
  source: 'file',
  file: null,
  fault: null,
  random: null,
  description: '',
  expires: false,
  days: '365',
}

/** Says whether material would expire at a time that cannot be. */
export function isValidityWrong({ expires, days }: ImportDraft): boolean {
  const number = Number(days)
  return expires && !(Number.isInteger(number) && number >= VALIDITY_DAYS.least && number <= VALIDITY_DAYS.most)
}

/** Imports what was given. @param which as ImportKeyMaterial takes it */
export function useImport(key: KeyMetadata, which: object) {
  const asking = useAsking()
  const queries = useQueryClient()
  return useMutation({
    async mutationFn(draft: ImportDraft) {
      const spec = key.KeySpec as KeySpec
      const described = draft.description === '' ? {} : { KeyMaterialDescription: draft.description }
      await importMaterial(asking, {
        keyId: key.KeyId,
        spec,
        material: await materialOf(draft, spec),
        validTo: draft.expires ? validTo(Number(draft.days)) : null,
        more: { ...described, ...which },
      })
    },
    async onSuccess() {
      tell(words.key.material.imported)
      await queries.invalidateQueries({ queryKey: ['key'] })
    },
  })
}

/** What is wrong with a file as material of a spec; null where nothing is. */
export async function faultOf(file: File, spec: KeySpec): Promise<string | null> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  try {
    readMaterial(bytes, spec)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    bytes.fill(0)
  }
}

/** A copy that can be wiped: where the import is refused, it is tried again with the same. */
async function materialOf({ source, file, random }: ImportDraft, spec: KeySpec): Promise<Uint8Array<ArrayBuffer>> {
  if (source === 'random') return new Uint8Array(random ?? [])
  return readMaterial(new Uint8Array((await file?.arrayBuffer()) ?? []), spec)
}

/** A minute less, for clocks differ and the longest time is a limit. */
function validTo(days: number): number {
  return Math.floor(Date.now() / 1000) + days * DAY_SECONDS - MINUTE_SECONDS
}
