import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
} from '@aws-sdk/client-iam'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { openRootKeyFile } from '../../src/server/data/root-key-file.ts'
import { openGlobalStore } from '../../src/storage/open-global-store.ts'
import { iamClient } from '../clients/iam-client.ts'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { AWAY, HOME, type TestServer } from '../server.ts'
import type { Contents } from './kinds.ts'

const ACCOUNT = '111122223333'
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' }],
})

/** Fills a server with something of each kind, and stops it. */
export async function fill(server: TestServer): Promise<Contents> {
  const [home, away] = [await kmsClient(server, HOME), await kmsClient(server, AWAY)]
  const iam = await iamClient(server)
  const keys: string[] = []
  for (const MultiRegion of [true, false, true, false]) {
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    keys.push(KeyId)
    if (MultiRegion) {
      await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
      await untilState(away, KeyId, 'Enabled')
    }
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    await home.send(new CreateAliasCommand({ AliasName: `alias/${KeyId}`, TargetKeyId: KeyId }))
    await home.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }))
    const GranteePrincipal = `arn:aws:iam::${ACCOUNT}:root`
    await home.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Encrypt'] }))
    await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('a') }))
  }
  await home.send(new ScheduleKeyDeletionCommand({ KeyId: keys[1] }))
  const accessKeys = [(await server.credentials()).accessKeyId]
  for (const UserName of ['ada', 'ben', 'eve']) {
    await iam.send(new CreateUserCommand({ UserName }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    accessKeys.push(AccessKey?.AccessKeyId ?? '')
  }
  await iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: TRUST }))
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'app', PolicyArn }))
  await server.stop()
  const logs = (await readdir(dataDirectory(server.path).audit(HOME))).map((name) =>
    relative(server.path, join(dataDirectory(server.path).audit(HOME), name)),
  )
  return { account: ACCOUNT, deployment: await deploymentOf(server), keys, accessKeys, logs }
}

async function deploymentOf({ path }: TestServer): Promise<string> {
  const root = await openRootKeyFile({ path: join(path, 'root.key'), mayCreate: false })
  const store = await openGlobalStore(join(path, 'global.sqlite'), { root, now: 1, mayBegin: () => false })
  await store.close()
  return store.deployment
}
