import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readMaterial, UnfitMaterialError } from '../../crypto/import.ts'
import { KEY_SPECS, type KeySpec, type KeyUsage } from '../../domain/key-spec.ts'

/**
 * Reads material as a seed has it: base64, or hexadecimal digits behind `hex:`; a private key as PKCS#8, in DER that is
 * written so, or in PEM.
 *
 * @throws UnfitMaterialError with a sentence that says what was expected
 */
export async function materialOf(text: string, spec: KeySpec, usage: KeyUsage | undefined): Promise<KeyObject> {
  const bytes = bytesOf(text)
  try {
    return await readMaterial(KEY_SPECS[spec].recipe, usage === 'GENERATE_VERIFY_MAC', bytes)
  } finally {
    bytes.fill(0)
  }
}

/** Writes material so that a seed can have it. */
export function materialText(material: KeyObject): string {
  const bytes = material.export()
  try {
    return bytes.toString('base64')
  } finally {
    bytes.fill(0)
  }
}

function bytesOf(text: string): Buffer {
  if (text.includes('-----BEGIN')) return bytesOfPem(text)
  const hex = /^hex:((?:[0-9a-fA-F]{2})+)$/.exec(text)?.[1]
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  const compact = text.replaceAll(/\s/g, '')
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0
  if (isBase64) return Buffer.from(compact, 'base64')
  throw new UnfitMaterialError(
    'Key material is base64, or hexadecimal digits behind hex:, or a private key as PKCS#8 in PEM.',
  )
}

function bytesOfPem(text: string): Buffer {
  try {
    return createPrivateKey(text).export({ format: 'der', type: 'pkcs8' })
  } catch (error) {
    throw new UnfitMaterialError('The key material is no private key in PEM, or is encrypted.', { cause: error })
  }
}
