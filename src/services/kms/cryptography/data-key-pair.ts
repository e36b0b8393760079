import { z } from 'zod'
import { openKeyPair, generatePrivateKey, materialOfPrivateKey } from '../../../crypto/key-pair.ts'
import { KEY_SPECS } from '../../../domain/key-spec.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { endDryRun, requireEncryption, requireState } from '../requirements.ts'
import { seal } from './seal.ts'
import * as shape from '../shapes.ts'

/** What both operations that make data key pairs take. */
export const dataKeyPairInput = z.object({
  KeyId: shape.keyId,
  EncryptionContext: shape.encryptionContext.optional(),
  KeyPairSpec: shape.dataKeyPairSpec,
  GrantTokens: shape.grantTokens.optional(),
  Recipient: shape.recipient.optional(),
  DryRun: z.boolean().optional(),
})
type Input = z.infer<typeof dataKeyPairInput>

/** What a data key pair tells a policy. */
export function dataKeyPairContext({ KeyId, KeyPairSpec, EncryptionContext }: Input) {
  return {
    'kms:DataKeyPairSpec': KeyPairSpec,
    ...encryption('SYMMETRIC_DEFAULT', EncryptionContext),
    ...requestAlias(KeyId),
  }
}

/**
 * Makes a key pair in the thread pool and encrypts its private half, as PKCS#8 in DER (RFC 5958).
 *
 * The caller wipes the plaintext.
 */
export async function makeDataKeyPair(
  operation: 'GenerateDataKeyPair' | 'GenerateDataKeyPairWithoutPlaintext',
  input: Input,
  key: KeySnapshot,
  now: number,
) {
  requireState(operation, key)
  requireEncryption(operation, key, 'SYMMETRIC_DEFAULT')
  endDryRun(input.DryRun)
  const { recipe } = KEY_SPECS[input.KeyPairSpec]
  if (recipe.type === 'secret') throw new Error('INVARIANT: a data key pair has two halves')
  const material = materialOfPrivateKey(await generatePrivateKey(recipe))
  const plaintext = material.export()
  const { blob, materialId } = seal(key, plaintext, input.EncryptionContext, now)
  const answer = {
    PrivateKeyCiphertextBlob: blob,
    PublicKey: openKeyPair(material).spki,
    KeyId: key.arn,
    KeyPairSpec: input.KeyPairSpec,
    KeyMaterialId: materialId,
  }
  return { plaintext, answer }
}
