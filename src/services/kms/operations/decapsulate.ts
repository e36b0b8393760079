import { z } from 'zod'
import { decapsulate } from '../../../crypto/encapsulation.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors, useInput } from '../cryptography/use.ts'

const ACTION = 'kms:Decapsulate'
const find = findKeyToUse(ACTION)

/** Recovers the shared secret that Encapsulate made, here or in another Region. */
export const Decapsulate = readOperation({
  name: 'Decapsulate',
  cryptographic: true,
  errors: [...useErrors, errors.InvalidCiphertextException],
  input: z.object({
    ...useInput,
    EncapsulationAlgorithm: shape.encapsulationAlgorithm,
    SharedSecretCiphertextBlob: shape.ciphertext,
  }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId, EncapsulationAlgorithm }, key, { region }) => [
    need(ACTION, key, region, { 'kms:EncapsulationAlgorithm': EncapsulationAlgorithm, ...requestAlias(KeyId) }),
  ],
  run({ EncapsulationAlgorithm, SharedSecretCiphertextBlob, DryRun }, key) {
    requireState('Decapsulate', key)
    requireUse('Decapsulate', key, 'ENCAPSULATE_DECAPSULATE', EncapsulationAlgorithm)
    const sharedSecret = decapsulate(workingKey(key).pair, SharedSecretCiphertextBlob)
    if (sharedSecret === null) throw errors.InvalidCiphertextException()
    if (DryRun === true) sharedSecret.fill(0)
    endDryRun(DryRun)
    return { KeyId: key.arn, SharedSecret: sharedSecret, EncapsulationAlgorithm }
  },
  record: (input, key) => recordOf(input, [key]),
})
