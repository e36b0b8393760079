import { z } from 'zod'

/** Where the global store keeps the RSA key that signs digests of trails. */
export const DIGEST_KEY = 'trail-digest-key'

const digestKey = z.object({
  /** PKCS #1 in DER. */
  publicKey: z.string().transform((text) => Buffer.from(text, 'base64')),
  /** MD5 of the public key in hex, as CloudTrail names keys. */
  fingerprint: z.string(),
  /** In epoch milliseconds. */
  validFrom: z.number(),
  validTo: z.number(),
  /** The private half, sealed. */
  wrapped: z.string(),
})
/** The key that signs digests, as it rests. */
export type StoredDigestKey = z.output<typeof digestKey>

/** The stored key, out of its text. */
export function parseDigestKey(text: string): StoredDigestKey {
  return digestKey.parse(JSON.parse(text))
}

/** The text under which a key is stored. */
export function digestKeyText({ publicKey, ...rest }: StoredDigestKey): string {
  return JSON.stringify({ ...rest, publicKey: publicKey.toString('base64') })
}
