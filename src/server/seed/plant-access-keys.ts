import type { Planter } from './planter.ts'
import type { SeedPath } from './read.ts'
import type { SeedAccount } from './schema.ts'

/** Gives the access keys of a seed to a user, or to the root user, who has the first one already. */
export async function plantAccessKeys(
  account: string,
  UserName: string | undefined,
  keys: NonNullable<SeedAccount['AccessKeys']>,
  path: SeedPath,
  planter: Planter,
): Promise<void> {
  const owner = UserName === undefined ? {} : { UserName }
  for (const [index, { AccessKeyId, SecretAccessKey, Status = 'Active' }] of keys.entries()) {
    const place = [...path, index]
    if (UserName !== undefined || index > 0) {
      const chosen = { accessKey: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } }
      await planter.ask(place, { service: 'iam', name: 'CreateAccessKey', input: owner, account, chosen })
    }
    if (Status === 'Active') continue
    const input = { ...owner, AccessKeyId, Status }
    await planter.ask(place, { service: 'iam', name: 'UpdateAccessKey', input, account })
  }
}
