import { z } from 'zod'
import { keyStoreId, keyStoreMembers, keyStoreName, keyStoreOperation, noSuchKeyStore } from '../custom-key-store.ts'

/** Would change a custom key store. There are none here. */
export const UpdateCustomKeyStore = keyStoreOperation(
  'UpdateCustomKeyStore',
  z.object({ CustomKeyStoreId: keyStoreId, NewCustomKeyStoreName: keyStoreName.optional(), ...keyStoreMembers }),
  ({ CustomKeyStoreId }) => noSuchKeyStore(CustomKeyStoreId),
)
