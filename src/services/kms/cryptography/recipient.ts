import { AttestationError, verifyAttestation, type Attestation } from '../../../crypto/attestation/attestation.ts'
import { envelop } from '../../../crypto/attestation/enveloped-data.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { Reads, RecordDetails } from '../../../kernel/operation.ts'
import type { Need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'

/** Who shall be able to read the answer, as a request says it. */
interface Given {
  readonly AttestationDocument?: Buffer | undefined
}

/**
 * The recipient that a request names, once its document is verified; null where it names none.
 *
 * This belongs to `load`: what policies are told of a document is true before they are asked. It comes before a key is
 * looked for, so that the refusal of a document tells nothing of keys.
 *
 * @throws UnsupportedOperationException where the operator trusts nobody to attest anything
 * @throws ValidationException for a document that is not valid
 */
export function findRecipient(
  given: Given | undefined,
  { now }: Call,
  { attestationRoots }: Reads,
): Attestation | null {
  if (given === undefined) return null
  if (attestationRoots.length === 0) {
    throw errors.UnsupportedOperationException(
      'This server trusts nobody to sign attestation documents, and so can verify none. Start it with ' +
        '--attestation-root and the PEM file of a root certificate to use Recipient.',
    )
  }
  if (given.AttestationDocument === undefined) {
    throw common.ValidationException(
      "1 validation error detected: Value null at 'recipient.attestationDocument' failed to satisfy constraint: Member must not be null",
    )
  }
  try {
    return verifyAttestation(given.AttestationDocument, attestationRoots, now)
  } catch (error) {
    throw error instanceof AttestationError ? common.ValidationException(error.message) : error
  }
}

/** What an attestation document tells a policy: every register, in lowercase hex. */
export function attestationKeys(recipient: Attestation | null): Need['context'] {
  if (recipient === null) return {}
  const register = recipient.of === 'tpm' ? 'NitroTPMPCR' : 'PCR'
  const values = [...recipient.pcrs].map(([index, value]) => [`${register}${index}`, value] as [string, Buffer])
  const image = imageOf(recipient)
  if (image !== undefined) values.push(['ImageSha384', image])
  return Object.fromEntries(values.map(([name, value]) => [`kms:RecipientAttestation:${name}`, value.toString('hex')]))
}

/** The hash of an enclave's image is its first register. */
function imageOf({ of, pcrs }: Attestation): Buffer | undefined {
  return of === 'enclave' ? pcrs.get(0) : undefined
}

/**
 * The part of an answer that is secret: in the clear, or for the recipient alone. In that case it is wiped, and the
 * answer does not name the material, as AWS KMS has it.
 */
export function secretAnswer(
  recipient: Attestation | null,
  name: 'Plaintext' | 'PrivateKeyPlaintext' | 'SharedSecret',
  secret: Buffer,
) {
  if (recipient === null) return { [name]: secret }
  try {
    return { CiphertextForRecipient: envelop(recipient.publicKey, secret), KeyMaterialId: undefined }
  } finally {
    secret.fill(0)
  }
}

/** The registers that AWS KMS records, beside an enclave's image. */
const RECORDED = { enclave: [1, 2, 3, 4, 8], tpm: [4, 7, 8, 9, 16, 23] } as const

/** The record of a call that may have named a recipient: what its document says stands apart from the parameters. */
export function recordWithRecipient(
  input: Readonly<Record<string, unknown>>,
  found: { readonly key: KeySnapshot | null; readonly recipient: Attestation | null } | null,
): RecordDetails {
  const details = recordOf({ ...input, Recipient: undefined }, [found?.key ?? null])
  const recipient = found?.recipient ?? null
  return recipient === null ? details : { ...details, additionalEventData: { recipient: recorded(recipient) } }
}

function recorded(recipient: Attestation): Readonly<Record<string, string>> {
  const { of, moduleId, pcrs } = recipient
  const register = of === 'tpm' ? 'attestationDocumentNitroTPMPCR' : 'attestationDocumentEnclavePCR'
  const image = imageOf(recipient)
  const values: Record<string, string> = { attestationDocumentModuleId: moduleId }
  if (image !== undefined) values['attestationDocumentEnclaveImageDigest'] = image.toString('base64')
  for (const index of RECORDED[of]) {
    const value = pcrs.get(index)
    if (value !== undefined) values[`${register}${index}`] = value.toString('base64')
  }
  return values
}
