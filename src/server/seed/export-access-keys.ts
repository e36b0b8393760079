import type { AccessKeyDetails } from '../../domain/identity.ts'
import type { ExportSources } from './export-sources.ts'
import type { AccountContent } from './schema.ts'

/**
 * The long-term access keys of a user or, as null, of the root user; none where secrets are not taken.
 *
 * @param owner a unique id
 */
export async function exportAccessKeys(
  account: string,
  owner: string | null,
  { global: { store, secrets }, material }: ExportSources,
): Promise<NonNullable<AccountContent['AccessKeys']>> {
  if (!material) return []
  const keys = await store.reads.accessKeysOf(account, owner)
  return keys
    .filter(({ expiresAt }) => expiresAt === null)
    .map(({ id, secret, content }) => {
      const bytes = secrets.open(id, secret)
      const SecretAccessKey = bytes.toString()
      bytes.fill(0)
      const { status } = content as Partial<AccessKeyDetails>
      return { AccessKeyId: id, SecretAccessKey, ...(status === 'Inactive' && { Status: status }) }
    })
}
