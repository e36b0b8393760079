import { hash } from 'node:crypto'
import type { Chain, DigestPlan } from '../../../domain/trail/delivery.ts'
import type { DigestSigner } from './digest-key.ts'
import { secondText } from './object-names.ts'

const HASH = 'SHA-256'
const SIGNATURE = 'SHA256withRSA'

/** A digest, before it is compressed. */
export interface Digest {
  readonly text: string
  /** SHA-256 of the text, in hex. */
  readonly hash: string
  readonly signature: string
  /** What its object carries. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Makes the digest of a Region's files (AWS CloudTrail User Guide, "CloudTrail digest file structure"). */
export function makeDigest(
  account: string,
  { endsAt, bucket, object }: DigestPlan,
  { since, files, previous }: Chain,
  signer: DigestSigner,
): Digest {
  const timeOf = (seconds: number) => (files.length === 0 ? null : secondText(seconds * 1000))
  const end = secondText(endsAt)
  const text = JSON.stringify({
    awsAccountId: account,
    digestStartTime: secondText(since),
    digestEndTime: end,
    digestS3Bucket: bucket,
    digestS3Object: object,
    digestPublicKeyFingerprint: signer.fingerprint,
    digestSignatureAlgorithm: SIGNATURE,
    newestEventTime: timeOf(Math.max(...files.map(({ newest }) => newest))),
    oldestEventTime: timeOf(Math.min(...files.map(({ oldest }) => oldest))),
    previousDigestS3Bucket: previous?.bucket ?? null,
    previousDigestS3Object: previous?.object ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous === null ? null : HASH,
    previousDigestSignature: previous?.signature ?? null,
    logFiles: files.map((file) => ({
      s3Bucket: file.bucket,
      s3Object: file.object,
      hashValue: file.hash,
      hashAlgorithm: HASH,
      newestEventTime: secondText(file.newest * 1000),
      oldestEventTime: secondText(file.oldest * 1000),
    })),
  })
  const digest = hash('sha256', text)
  // The text that is signed says null where there is no digest before.
  const signature = signer.sign(`${end}\n${bucket}/${object}\n${digest}\n${previous?.signature ?? 'null'}`)
  return { text, hash: digest, signature, metadata: { signature, 'signature-algorithm': SIGNATURE } }
}
