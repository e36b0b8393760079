import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Kept } from '../data/kept.ts'
import { dropRootKeys } from '../data/root-key-file.ts'
import { readKeyringFile } from './keyring-file.ts'

/**
 * Takes former root keys out of the file, under which nothing is any more. Backups that were taken while one of them was
 * the root key are opened by nothing then, unless somebody has kept it.
 *
 * @param isAgreed whether somebody has agreed to that
 * @returns their names
 * @throws KeyringError where a rotation is under way, or it was not agreed to; nothing has changed then
 */
export async function forgetFormerRoots(
  data: DataDirectory,
  { stores }: Pick<Kept, 'stores'>,
  isAgreed: boolean,
): Promise<readonly string[]> {
  const kept = await readKeyringFile(data)
  if (kept !== null && Object.keys(kept.staged).length > 0) {
    throw new KeyringError('A rotation of the root key was cut off. Start the server, which ends it, and say it again.')
  }
  const isFile = kept === null || kept.holder.provider === 'file'
  const used = new Set<string>()
  for (const place of await stores.places()) {
    for (const { rootRef } of await readDomainKeyRows(stores, place)) used.add(rootRef)
  }
  return dropRootKeys(
    data.rootKey,
    (ref, index) => used.has(ref) || (isFile && index === 0),
    (refs) => {
      if (isAgreed) return
      throw new KeyringError(
        `Nothing here is under ${refs.join(', ')} any more. Backups that were taken before the rotation are, and nothing ` +
          `opens them once that is gone from ${data.rootKey}. To go on, add --yes.`,
      )
    },
  )
}
