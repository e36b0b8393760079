import type { GlobalDocuments } from '../../domain/global-document.ts'
import type { GlobalWrites } from '../../storage/global-store.ts'
import { requireFreeName } from './require-room.ts'
import { save, type Found, type Subjects } from './subject.ts'

/**
 * Keeps a user or group under another name. A name that differs in case only is the same one.
 *
 * @throws EntityAlreadyExists where the new name is another's
 */
export async function rename<Kind extends keyof Subjects>(
  writes: GlobalWrites,
  found: Found<Kind>,
  renamed: GlobalDocuments[Kind],
): Promise<void> {
  const { kind, account, name } = found
  if (renamed.name.toLowerCase() !== name.toLowerCase()) {
    await requireFreeName(kind, account, renamed.name, writes)
    // First: ids are unique.
    await writes.deleteDocument({ kind, account, name: name.toLowerCase() })
  }
  await save(writes, found, renamed)
}
