import { z } from 'zod'
import { encapsulate } from '../../../crypto/encapsulation.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors, useInput } from '../cryptography/use.ts'

const ACTION = 'kms:Encapsulate'
const find = findKeyToUse(ACTION)

/** Makes a shared secret with ML-KEM, and the ciphertext that Decapsulate takes. */
export const Encapsulate = readOperation({
  name: 'Encapsulate',
  cryptographic: true,
  errors: useErrors,
  input: z.object({ ...useInput, EncapsulationAlgorithm: shape.encapsulationAlgorithm }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId, EncapsulationAlgorithm }, key, { region }) => [
    need(ACTION, key, region, { 'kms:EncapsulationAlgorithm': EncapsulationAlgorithm, ...requestAlias(KeyId) }),
  ],
  run({ EncapsulationAlgorithm, DryRun }, key) {
    requireState('Encapsulate', key)
    requireUse('Encapsulate', key, 'ENCAPSULATE_DECAPSULATE', EncapsulationAlgorithm)
    endDryRun(DryRun)
    const { sharedSecret, ciphertext } = encapsulate(workingKey(key).pair)
    return {
      KeyId: key.arn,
      SharedSecret: sharedSecret,
      SharedSecretCiphertextBlob: ciphertext,
      EncapsulationAlgorithm,
    }
  },
  record: (input, key) => recordOf(input, [key]),
})
