import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { replaceFile, syncPath } from '../../storage/whole-file.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import { reasonOf } from '../system-errors.ts'

const bytes = z.string().transform((text): Buffer => Buffer.from(text, 'base64'))

/** What scrypt costs: 128 * r * N bytes of memory, p times. The bounds keep a file that was changed from costing more. */
const cost = z.object({
  N: z
    .number()
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
  r: z.number().int().min(8).max(16),
  p: z.number().int().min(1).max(4),
})
export type PassphraseCost = z.infer<typeof cost>

const passphrase = z.object({
  provider: z.literal('passphrase'),
  /** The name of the root key that it makes. */
  ref: z.string(),
  salt: bytes,
  cost,
  /** Tells a wrong passphrase at once. */
  check: bytes,
})
/** What belongs to a passphrase, and is no secret. */
export type KeptPassphrase = z.output<typeof passphrase>

const holder = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('file') }),
  passphrase,
  /** The ARN of the key. */
  z.object({ provider: z.literal('aws-kms'), key: z.string() }),
  /** The id of the key in the HSM. */
  z.object({ provider: z.literal('pkcs11'), key: z.string() }),
])
/** What holds the root key. */
export type KeptHolder = z.output<typeof holder>

/** Domain keys as the root key has wrapped them, by what they replace: the digest of a former wrapping. */
const staged = z.record(z.string(), z.object({ ref: z.string(), blob: bytes }))
export type Staged = z.output<typeof staged>

const keyringFile = z.object({
  format: z.literal(1),
  holder,
  /** Empty but while databases go over from one root key to another. */
  staged,
})
export type KeyringFile = z.output<typeof keyringFile>

/** What a data directory says of its root key; null where it is in a file, as it is unless somebody has said otherwise. */
export async function readKeyringFile({ keyring }: Pick<DataDirectory, 'keyring'>): Promise<KeyringFile | null> {
  let text: string
  try {
    text = await readFile(keyring, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new KeyringError(`${keyring} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
  try {
    return keyringFile.parse(JSON.parse(text))
  } catch (error) {
    throw new KeyringError(
      `${keyring}, which says what holds the root key, is damaged or of a newer version. Put it back from a backup.`,
      { cause: error },
    )
  }
}

/** Writes what holds the root key, whole or not at all. */
export async function writeKeyringFile({ keyring }: DataDirectory, kept: Omit<KeyringFile, 'format'>): Promise<void> {
  const isFileAlone = kept.holder.provider === 'file' && Object.keys(kept.staged).length === 0
  if (isFileAlone) {
    await rm(keyring, { force: true })
    return syncPath(dirname(keyring))
  }
  const text = JSON.stringify({ format: 1, ...kept }, (_name, value: unknown) => asText(value), 2)
  await replaceFile(keyring, `${text}\n`)
}

/** JSON has called `toJSON` of a buffer by the time it is seen here. */
function asText(value: unknown): unknown {
  const buffer = z.object({ type: z.literal('Buffer'), data: z.array(z.number()) }).safeParse(value)
  return buffer.success ? Buffer.from(buffer.data.data).toString('base64') : value
}
