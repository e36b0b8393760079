import { fromBase64 } from '../../api/base64.ts'
import { areEqual, rootByInclusion } from './merkle.ts'
import { checkSignature, type SignatureCheck } from './note-signature.ts'

const VERSION = 'c2sp.org/tlog-proof@v1'

/** What a proof shows, and what of it is so. */
export interface CheckedProof {
  /** The place of the record among those of its log, from 0, and how many the checkpoint covers. */
  readonly index: number
  readonly size: number
  /** Whether it is of the record that it should be of. */
  readonly isRecord: boolean
  readonly isInTree: boolean
  readonly log: SignatureCheck
  readonly witnesses: readonly SignatureCheck[]
}

/**
 * Checks a proof of C2SP's tlog-proof by this browser's own cryptography.
 *
 * @param record the line that it should be of
 * @param key of the log, and those of the witnesses
 * @returns null where it is no proof of a log with that key
 */
export async function checkProof(
  proof: string,
  record: string,
  key: string,
  witnessKeys: readonly string[],
): Promise<CheckedProof | null> {
  const [head = '', body = '', signatures = ''] = proof.split('\n\n')
  const [version, extra = '', place = '', ...path] = head.split('\n')
  const [origin = '', size = '', root = ''] = body.split('\n')
  const index = /^index (0|[1-9]\d{0,15})$/.exec(place)?.[1]
  if (version !== VERSION || index === undefined || !/^[1-9]\d{0,15}$/.test(size)) return null
  if (!extra.startsWith('extra ') || !key.startsWith(`${origin}+`)) return null
  try {
    const entry = fromBase64(extra.slice('extra '.length))
    const found = await rootByInclusion(entry, Number(index), Number(size), path.map(fromBase64))
    const lines = signatures.trimEnd().split('\n')
    return {
      index: Number(index),
      size: Number(size),
      isRecord: areEqual(entry, new TextEncoder().encode(record)),
      isInTree: found !== null && areEqual(found, fromBase64(root)),
      log: await checkSignature(key, `${body}\n`, lines),
      witnesses: await Promise.all(witnessKeys.map((each) => checkSignature(each, `${body}\n`, lines))),
    }
  } catch (error) {
    // What is no Base64 is no proof either.
    if (error instanceof DOMException && error.name === 'InvalidCharacterError') return null
    throw error
  }
}
