import { z } from 'zod'
import { keyStoreId, keyStoreOperation, noSuchKeyStore } from '../custom-key-store.ts'

/** Would disconnect a custom key store from what keeps its keys. There are none here. */
export const DisconnectCustomKeyStore = keyStoreOperation(
  'DisconnectCustomKeyStore',
  z.object({ CustomKeyStoreId: keyStoreId }),
  ({ CustomKeyStoreId }) => noSuchKeyStore(CustomKeyStoreId),
)
