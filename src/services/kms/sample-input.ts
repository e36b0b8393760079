import { algorithmsOf } from '../../domain/key-spec.ts'
import { grantableOperations } from '../../domain/grant.ts'
import type { KeySnapshot } from '../../kernel/keys/snapshot.ts'
import type { Operation } from '../../kernel/operation.ts'

type Body = Readonly<Record<string, unknown>>

/** A request that stands for others: what decides is as it was asked, and the rest is made up. */
export interface SampleInput {
  readonly body: Body
  /** The members that were made up and of which conditions may tell. */
  readonly assumed: readonly string[]
}

/** Any bytes, as they are sent. */
const BYTES = 'eA=='
const OF_BYTES = [
  'EncryptedKeyMaterial',
  'ImportToken',
  'Mac',
  'Message',
  'Plaintext',
  'PublicKey',
  'SharedSecretCiphertextBlob',
  'Signature',
]

/** The members by which operations name the key that they are asked with. */
const KEY_MEMBERS = ['KeyId', 'TargetKeyId', 'SourceKeyId']

/**
 * Completes a request for a question about permissions: the members that it must have and that nobody gave.
 *
 * @param key the key that it is about, named by `named`
 */
export function sampleInput(
  operation: Operation,
  given: Body,
  key: KeySnapshot | null,
  named: string | null,
): SampleInput {
  const members = membersOf(operation)
  const body: Record<string, unknown> = { ...given }
  const assumed: string[] = []
  const isOpen = (name: string, value: unknown) =>
    body[name] === undefined && value !== undefined && members[name]?.safeParse(value).success === true
  const isMissing = (name: string) => members[name]?.safeParse(undefined).success === false
  const member = KEY_MEMBERS.find((name) => name in members)
  if (member !== undefined && named !== null) body[member] ??= named
  if ('CiphertextBlob' in members && body['CiphertextBlob'] === undefined) {
    Object.assign(body, { DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] })
  }
  for (const name of OF_BYTES) if (isMissing(name) && isOpen(name, BYTES)) body[name] = BYTES
  for (const [name, value] of Object.entries(valuesFor(key))) {
    // An algorithm that is left out means keys of another kind.
    if (!isOpen(name, value) || !(isMissing(name) || name === 'EncryptionAlgorithm')) continue
    body[name] = value
    assumed.push(`${name} ${JSON.stringify(value)}`)
  }
  return { body, assumed }
}

/** The members of an operation's requests; none where they are not known. */
export function memberNames(operation: Operation): readonly string[] {
  return Object.keys(membersOf(operation))
}

type Members = Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>>

function membersOf({ input }: Operation): Members {
  return 'shape' in input ? (input.shape as Members) : {}
}

function valuesFor(key: KeySnapshot | null): Readonly<Record<string, unknown>> {
  const algorithm = key === null ? undefined : algorithmsOf(key.record)[0]
  const operation = key === null ? undefined : grantableOperations(key.record)[0]
  return {
    EncapsulationAlgorithm: algorithm,
    EncryptionAlgorithm: algorithm,
    KeyAgreementAlgorithm: algorithm,
    MacAlgorithm: algorithm,
    SigningAlgorithm: algorithm,
    KeyPairSpec: 'RSA_2048',
    Operations: operation === undefined ? undefined : [operation],
    Policy: key?.record.policy,
    TagKeys: ['example'],
    Tags: [{ TagKey: 'example', TagValue: '' }],
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_2048',
    Description: '',
  }
}
