/** A data directory with many keys, aliases and grants: rows as requests would have made them. */
import { randomBytes } from 'node:crypto'
import { makeMaterial, materialId } from '../../src/crypto/material.ts'
import { newKeyId } from '../../src/domain/key-id.ts'
import { KEY_SPECS } from '../../src/domain/key-spec.ts'
import { defaultKeyPolicy } from '../../src/kernel/keys/policy.ts'
import { dataDirectory, lockDataDirectory } from '../../src/server/data/data-directory.ts'
import { openDeployment } from '../../src/server/data/deployment.ts'
import { openRegion } from '../../src/server/regions/open-region.ts'
import { openKeptRoot } from '../../src/server/trust/open-root.ts'
import { makeKey } from '../../src/services/kms/keys/change-key.ts'
import { scopeOf } from '../../src/storage/vault.ts'
import { keyRecord } from '../../test/key-record.ts'

export const ACCOUNT = '111122223333'
export const REGION = 'us-east-1'
const AT_ONCE = 500
/** An account may have 100,000 keys in a Region: what is more belongs to others, and some are made while it is measured. */
const KEYS_AN_ACCOUNT = 60_000

/** How much is planted. */
export interface Growth {
  readonly keys: number
  readonly aliases: number
  /** All of one key. */
  readonly grants: number
}

/** Plants keys in the data of a server that is stopped, and gives the ids of the account's own; the first has the grants. */
export async function plant(path: string, { keys, aliases, grants }: Growth): Promise<readonly string[]> {
  const data = dataDirectory(path)
  await using opened = new AsyncDisposableStack()
  opened.use(await lockDataDirectory(data))
  const now = Date.now()
  const deployment = await openDeployment(data, await openKeptRoot(data), now)
  opened.defer(() => deployment.store.close())
  const region = opened.adopt(await openRegion(REGION, data, deployment, 'normal', Date.now), (each) => each.close())
  const { store, vault } = region
  const ids = Array.from({ length: keys }, () => newKeyId(randomBytes(16), false))
  const own = ids.slice(0, KEYS_AN_ACCOUNT)
  const inSteps = async (count: number, write: (writes: Writes, place: number) => Promise<void>): Promise<void> => {
    for (let from = 0; from < count; from += AT_ONCE) {
      await store.transaction(async (writes) => {
        for (let place = from; place < Math.min(count, from + AT_ONCE); place += 1) await write(writes, place)
      })
    }
  }
  type Writes = Parameters<Parameters<typeof store.transaction>[0]>[0]
  await inSteps(keys, async (writes, place) => {
    const material = await makeMaterial(KEY_SPECS.SYMMETRIC_DEFAULT.recipe)
    const account = accountOf(place)
    const policy = defaultKeyPolicy(account)
    const key = keyRecord({ account, id: ids[place] ?? '', createdAt: now, policy })
    const current = materialId(material, scopeOf(key), key.spec)
    const made = { ...key, current, materials: [{ id: current, generation: 1, rotation: null, requested: null }] }
    await makeKey({ writes, vault, note: async () => {} }, made, new Map([[current, material]]), now)
  })
  await inSteps(aliases, (writes, place) =>
    writes.putAlias({
      account: ACCOUNT,
      name: `alias/planted-${place}`,
      targetKeyId: own[place % own.length] ?? '',
      createdAt: now,
      updatedAt: now,
    }),
  )
  await inSteps(grants, (writes, place) =>
    writes.putGrant({
      id: randomBytes(32).toString('hex'),
      account: ACCOUNT,
      keyId: own[0] ?? '',
      grantee: { arn: `arn:aws:iam::${ACCOUNT}:user/u${place}`, kind: 'user', id: `AIDAPLANTED${place}` },
      retiring: null,
      operations: ['Encrypt', 'Decrypt'],
      constraints: null,
      name: `planted-${place}`,
      issuingAccount: ACCOUNT,
      createdAt: now,
    }),
  )
  return own
}

function accountOf(place: number): string {
  const other = Math.floor(place / KEYS_AN_ACCOUNT)
  return other === 0 ? ACCOUNT : String(200_000_000_000 + other)
}
