import type { DataDirectory } from '../data/data-directory.ts'
import { readKeyringFile } from './keyring-file.ts'

/** What holds the root key of a data directory, for people. */
export interface RootHolder {
  readonly provider: string
  /** The file, the ARN or the id of the key; null for a passphrase. */
  readonly rootKey: string | null
  /** As the object of a sentence. */
  readonly name: string
  /** What to do so that it is there when a backup is put back. */
  readonly advice: string
}

export async function rootHolderOf(data: Pick<DataDirectory, 'keyring' | 'rootKey'>): Promise<RootHolder> {
  const holder = (await readKeyringFile(data))?.holder ?? ({ provider: 'file' } as const)
  const { provider } = holder
  switch (holder.provider) {
    case 'file':
      return {
        provider,
        rootKey: data.rootKey,
        name: `the root key ${data.rootKey}`,
        advice: `keep a copy of ${data.rootKey} in another place.`,
      }
    case 'passphrase':
      return {
        provider,
        rootKey: null,
        name: 'its passphrase',
        advice: 'it is made from the passphrase that the server has now. Keep that as long as the backup.',
      }
    case 'aws-kms':
      return {
        provider,
        rootKey: holder.key,
        name: `the key ${holder.key} in KMS`,
        advice: `it is ${holder.key} in KMS. See that nobody deletes that key as long as there is the backup.`,
      }
    case 'pkcs11':
      return {
        provider,
        rootKey: holder.key,
        name: `the key ${holder.key} in its HSM`,
        advice: `it is ${holder.key} in its HSM. Keep that key, or a backup of the HSM, as long as this one.`,
      }
  }
}
