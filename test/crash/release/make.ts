/**
 * `node test/crash/release/make.ts`, in a checkout of a release: makes the data directory that upgrades are tried on,
 * with a bit of everything in it, and kills the server with records pending.
 */
import {
  IAMClient,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateMacCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  SignCommand,
  TagResourceCommand,
  UpdateKeyDescriptionCommand,
  type CreateKeyCommandInput,
  type KeyMetadata,
} from '@aws-sdk/client-kms'
import { CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { askRunningServer } from '../../../src/cli/control-client.ts'
import { dataDirectory } from '../../../src/server/data/data-directory.ts'
import { importInto } from '../../clients/import.ts'
import { createServerProcess } from '../../server-process.ts'
import { lasting, type Credentials, type Used } from './expected.ts'
import { packRelease } from './files.ts'

const HOME = 'us-east-1'
const AWAY = 'eu-west-1'
const REGIONS = [HOME, AWAY] as const
const OTHER = '444455556666'

await using server = await createServerProcess('--regions', REGIONS.join(','))
await server.start()
const { accessKeyId, secretAccessKey } = await server.credentials()
const root: Credentials = { accessKeyId, secretAccessKey }
const settings = (region: string) => ({ region, endpoint: server.url, credentials: { ...root } })
const home = new KMSClient(settings(HOME))
const away = new KMSClient(settings(AWAY))
const clients = { [HOME]: home, [AWAY]: away }
const used: Used[] = []

const create = async (input: CreateKeyCommandInput): Promise<string> =>
  (await home.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? ''
const base64 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64')
const describe = async (client: KMSClient, KeyId: string): Promise<KeyMetadata | null> =>
  client.send(new DescribeKeyCommand({ KeyId })).then(
    ({ KeyMetadata }) => KeyMetadata ?? null,
    () => null,
  )
async function settled(keyId: string, regions: readonly (keyof typeof clients)[], state = 'Enabled'): Promise<void> {
  for (const region of regions)
    while ((await describe(clients[region], keyId))?.KeyState !== state) await setTimeout(20)
}
async function encrypt(keyId: string, regions: readonly string[], text: string): Promise<void> {
  const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from(text) }))
  used.push({ keyId, regions, kind: 'ciphertext', text, bytes: base64(CiphertextBlob) })
}

// A key in two Regions, before a rotation and after it.
const family = await create({ MultiRegion: true, Description: 'in two Regions' })
await home.send(new ReplicateKeyCommand({ KeyId: family, ReplicaRegion: AWAY }))
await settled(family, REGIONS)
await encrypt(family, REGIONS, 'before the rotation')
const { CurrentKeyMaterialId: former } = (await describe(away, family)) ?? {}
await home.send(new RotateKeyOnDemandCommand({ KeyId: family }))
while ((await describe(away, family))?.CurrentKeyMaterialId === former) await setTimeout(20)
await encrypt(family, REGIONS, 'after the rotation')
await away.send(new UpdateKeyDescriptionCommand({ KeyId: family, Description: 'a replica' }))
await home.send(new TagResourceCommand({ KeyId: family, Tags: [{ TagKey: 'team', TagValue: 'red' }] }))

// A key of material that was brought to it, in both.
const imported = await create({ MultiRegion: true, Origin: 'EXTERNAL' })
const material = randomBytes(32)
await importInto(home, imported, material)
await home.send(new ReplicateKeyCommand({ KeyId: imported, ReplicaRegion: AWAY }))
await settled(imported, [AWAY], 'PendingImport')
await importInto(away, imported, material)
await settled(imported, REGIONS)
await encrypt(imported, REGIONS, 'under imported material')

// Keys of one Region.
const single = await create({ Description: 'rotates' })
await home.send(new EnableKeyRotationCommand({ KeyId: single, RotationPeriodInDays: 2560 }))
await encrypt(single, [HOME], 'in one Region')
await home.send(new DisableKeyCommand({ KeyId: await create({ Description: 'disabled' }) }))
const Message = Buffer.from('a message')
const mac = await create({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
const { Mac } = await home.send(new GenerateMacCommand({ KeyId: mac, MacAlgorithm: 'HMAC_SHA_256', Message }))
used.push({ keyId: mac, regions: [HOME], kind: 'mac', text: 'a message', bytes: base64(Mac) })
const signer = await create({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
const { Signature } = await home.send(new SignCommand({ KeyId: signer, SigningAlgorithm: 'ECDSA_SHA_256', Message }))
used.push({ keyId: signer, regions: [HOME], kind: 'signature', text: 'a message', bytes: base64(Signature) })

for (const [client, name] of [
  [home, 'alias/home'],
  [away, 'alias/away'],
] as const) {
  await client.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: family }))
}

// Who may.
const iam = new IAMClient(settings(HOME))
const allow = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } })
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '111122223333' } },
})
const UserName = 'alice'
const user = (await iam.send(new CreateUserCommand({ UserName }))).User
await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'encrypts', PolicyDocument: allow('kms:Encrypt') }))
const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
await iam.send(new CreateRoleCommand({ RoleName: 'auditor', AssumeRolePolicyDocument: trust }))
const { GrantId } = await home.send(
  new CreateGrantCommand({ KeyId: family, GranteePrincipal: user?.Arn, Operations: ['Decrypt'], Name: 'reads' }),
)
const { Organization } = await new OrganizationsClient(settings(HOME)).send(new CreateOrganizationCommand({}))
const other = (await askRunningServer(dataDirectory(server.path), '/account', { id: OTHER })) as Credentials

// Changes whose records stay pending.
const sts = new STSClient(settings(HOME))
for (let count = 0; count < 5; count += 1) {
  await home.send(new UpdateKeyDescriptionCommand({ KeyId: single, Description: `rotates, ${count}` }))
  await home.send(new CancelKeyDeletionCommand({ KeyId: single })).catch(() => {})
  await sts.send(new GetSessionTokenCommand({}))
  await sts.send(new GetSessionTokenCommand({ DurationSeconds: 1 })).catch(() => {})
}

const keys: Record<string, KeyMetadata[]> = {}
const aliases: Record<string, Record<string, string>> = {}
for (const region of REGIONS) {
  const { Keys = [] } = await clients[region].send(new ListKeysCommand({}))
  keys[region] = []
  for (const { KeyId = '' } of Keys) {
    const metadata = await describe(clients[region], KeyId)
    if (metadata !== null) keys[region].push(lasting(metadata))
  }
  const { Aliases = [] } = await clients[region].send(new ListAliasesCommand({}))
  aliases[region] = Object.fromEntries(
    Aliases.flatMap(({ AliasName = '', TargetKeyId = '' }) =>
      AliasName.startsWith('alias/aws/') ? [] : [[AliasName, TargetKeyId]],
    ),
  )
}
const { Users = [] } = await iam.send(new ListUsersCommand({}))
const { Roles = [] } = await iam.send(new ListRolesCommand({}))
// The last change of each log: its line is taken away below, as if the kill had come before it.
await home.send(new UpdateKeyDescriptionCommand({ KeyId: single, Description: 'rotates, 4' }))
await sts.send(new GetSessionTokenCommand({}))
await server.kill()

/** The event ids of a log and of what is pending for it; the last line is lost if it is pending still. */
async function recordsOf(log: string, database: string): Promise<readonly string[]> {
  using store = new DatabaseSync(join(server.path, database), { readOnly: true })
  const pending = store
    .prepare('select event_id as id from pending_record')
    .all()
    .map(({ id }) => String(id))
  const directory = join(server.path, 'audit', log)
  const [file = ''] = await readdir(directory)
  const lines = (await readFile(join(directory, file), 'utf8')).split('\n').slice(0, -1)
  const ids = lines.map((line) => (JSON.parse(line) as { eventID: string }).eventID)
  const cut = ids.findLastIndex((id) => pending.includes(id))
  if (cut === ids.length - 1)
    await truncate(join(directory, file), Buffer.byteLength(`${lines.slice(0, cut).join('\n')}\n`))
  return [...new Set([...ids, ...pending])]
}

await packRelease(server.path, {
  regions: REGIONS,
  root,
  other: { accessKeyId: other.accessKeyId, secretAccessKey: other.secretAccessKey },
  user: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '', keyId: family },
  keys,
  used,
  aliases,
  grants: [{ region: HOME, keyId: family, grantId: GrantId ?? '' }],
  tags: { keyId: family, region: HOME, value: 'red' },
  users: Users.map(({ UserName: name = '' }) => name),
  roles: Roles.map(({ RoleName = '' }) => RoleName),
  organization: Organization?.Id ?? '',
  records: {
    [HOME]: await recordsOf(HOME, `regions/${HOME}.sqlite`),
    [AWAY]: await recordsOf(AWAY, `regions/${AWAY}.sqlite`),
    global: await recordsOf('global', 'global.sqlite'),
  },
})
for (const client of [home, away, iam, sts]) client.destroy()
