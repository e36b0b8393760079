import { createPrivateKey, createPublicKey, generateKeyPair, hash, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { newestOf, requireSecret, wrapSecret } from '../../../crypto/sealing/keyring.ts'
import { DAY_MS } from '../../../domain/limits.ts'
import { DIGEST_KEY, digestKeyText, parseDigestKey } from '../../../storage/digest-key.ts'
import { SECRET } from '../../../storage/secret-labels.ts'
import type { GlobalStore } from '../../../storage/global-store.ts'

const BITS = 2048
/** How long a key is good for: what it has signed can be verified as long as ListPublicKeys shows it. */
const VALID_MS = 20 * 365 * DAY_MS

/** What signs digests. */
export interface DigestSigner {
  readonly fingerprint: string
  /** SHA256withRSA, in hex: the same for the same text. */
  sign(text: string): string
}

/** The key that signs digests, which is made when it is first asked for. Its private half is sealed in the store. */
export async function openDigestSigner(
  { reads, domainKeys, putMarks }: Pick<GlobalStore, 'domainKeys' | 'putMarks' | 'reads'>,
  now: number,
): Promise<DigestSigner> {
  const stored = await reads.meta(DIGEST_KEY)
  if (stored !== null) {
    const { fingerprint, wrapped } = parseDigestKey(stored)
    const der = requireSecret(domainKeys, SECRET.digestKey, fingerprint, wrapped)
    try {
      return signer(fingerprint, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
    } finally {
      der.fill(0)
    }
  }
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'pkcs1' })
  const fingerprint = hash('md5', publicKey)
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  try {
    const wrapped = wrapSecret(newestOf(domainKeys), SECRET.digestKey, fingerprint, der)
    const text = digestKeyText({ publicKey, fingerprint, validFrom: now, validTo: now + VALID_MS, wrapped })
    await putMarks(new Map([[DIGEST_KEY, text]]))
  } finally {
    der.fill(0)
  }
  return signer(fingerprint, privateKey)
}

function signer(fingerprint: string, privateKey: KeyObject): DigestSigner {
  return { fingerprint, sign: (text) => sign('sha256', Buffer.from(text), privateKey).toString('hex') }
}
