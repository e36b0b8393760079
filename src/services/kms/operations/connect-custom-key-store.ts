import { z } from 'zod'
import { keyStoreId, keyStoreOperation, noSuchKeyStore } from '../custom-key-store.ts'

/** Would connect a custom key store to what keeps its keys. There are none here. */
export const ConnectCustomKeyStore = keyStoreOperation(
  'ConnectCustomKeyStore',
  z.object({ CustomKeyStoreId: keyStoreId }),
  ({ CustomKeyStoreId }) => noSuchKeyStore(CustomKeyStoreId),
)
