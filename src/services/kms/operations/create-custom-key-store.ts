import { z } from 'zod'
import { errors } from '../errors.ts'
import { keyStoreMembers, keyStoreName, keyStoreOperation } from '../custom-key-store.ts'

/** Would make a custom key store, over a CloudHSM cluster or an external key manager. There are none here. */
export const CreateCustomKeyStore = keyStoreOperation(
  'CreateCustomKeyStore',
  z.object({
    CustomKeyStoreName: keyStoreName,
    TrustAnchorCertificate: z.string().min(1).max(5000).optional(),
    CustomKeyStoreType: z.enum(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']).optional(),
    ...keyStoreMembers,
  }),
  () =>
    errors.UnsupportedOperationException(
      'Custom key stores are not supported by this server. Its keys are in its own store.',
    ),
)
