import type { Deployment } from '../data/deployment.ts'
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
    if (Status === 'Inactive') await switchOff(AccessKeyId, planter.deployment)
  }
}

/** As UpdateAccessKey does, which takes no id of fewer letters than AWS's have. */
async function switchOff(id: string, { store }: Deployment): Promise<void> {
  await store.transaction(async (writes) => {
    const key = await writes.accessKey(id)
    if (key === null) throw new Error(`INVARIANT: access key ${id} was made`)
    await writes.putAccessKey({ ...key, content: { ...key.content, status: 'Inactive' } })
  })
}
