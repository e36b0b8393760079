import { z } from 'zod'
import { keyStoreId, keyStoreOperation, noSuchKeyStore } from '../custom-key-store.ts'

/** Would delete a custom key store that has no keys. There are none here. */
export const DeleteCustomKeyStore = keyStoreOperation(
  'DeleteCustomKeyStore',
  z.object({ CustomKeyStoreId: keyStoreId }),
  ({ CustomKeyStoreId }) => noSuchKeyStore(CustomKeyStoreId),
)
