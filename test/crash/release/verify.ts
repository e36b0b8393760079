import { GetRoleCommand, IAMClient, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListResourceTagsCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { readRecords } from '../records.ts'
import { lasting, type Credentials, type Expected, type Used } from './expected.ts'

const HOME = 'us-east-1'

/**
 * Holds a server against what an earlier release has promised of its data.
 *
 * @throws Error that says what differs
 */
export async function verifyRelease(expected: Expected, url: string, path: string): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const settings = (credentials: Credentials, region = HOME) => ({
    region,
    endpoint: url,
    credentials: { ...credentials },
    maxAttempts: 1,
  })
  const kms = (credentials: Credentials, region = HOME): KMSClient =>
    opened.adopt(new KMSClient(settings(credentials, region)), (client) => client.destroy())
  for (const region of expected.regions) await verifyKeys(expected, region, kms(expected.root, region))
  await verifyUser(expected, kms(expected.user))
  const iam = opened.adopt(new IAMClient(settings(expected.root)), (client) => client.destroy())
  await verifyIdentities(expected, iam)
  const organizations = new OrganizationsClient(settings(expected.root))
  opened.defer(() => organizations.destroy())
  const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
  strictEqual(Organization?.Id, expected.organization)
  const sts = opened.adopt(new STSClient(settings(expected.other)), (client) => client.destroy())
  ok(await sts.send(new GetCallerIdentityCommand({})))
  for (const [log, eventIds] of Object.entries(expected.records)) {
    const recorded = await readRecords(path, log)
    for (const id of eventIds) ok(recorded.eventIds.has(id), `Record ${id} of ${log} is lost`)
  }
}

async function verifyKeys(expected: Expected, region: string, client: KMSClient): Promise<void> {
  for (const key of expected.keys[region] ?? []) {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: key.KeyId }))
    deepStrictEqual(KeyMetadata && lasting(KeyMetadata), key)
  }
  for (const each of expected.used) if (each.regions.includes(region)) await verifyUsed(each, client)
  const { Aliases = [] } = await client.send(new ListAliasesCommand({}))
  for (const [name, keyId] of Object.entries(expected.aliases[region] ?? {})) {
    strictEqual(Aliases.find(({ AliasName }) => AliasName === name)?.TargetKeyId, keyId, `${name} is lost`)
  }
  for (const { keyId: KeyId, grantId: GrantId } of expected.grants.filter((grant) => grant.region === region)) {
    strictEqual((await client.send(new ListGrantsCommand({ KeyId, GrantId }))).Grants?.length, 1)
  }
  if (expected.tags.region !== region) return
  const { Tags } = await client.send(new ListResourceTagsCommand({ KeyId: expected.tags.keyId }))
  deepStrictEqual(
    Tags?.map(({ TagValue }) => TagValue),
    [expected.tags.value],
  )
}

async function verifyUsed({ kind, keyId: KeyId, text, bytes }: Used, client: KMSClient): Promise<void> {
  const given = Buffer.from(bytes, 'base64')
  const Message = Buffer.from(text)
  switch (kind) {
    case 'ciphertext': {
      const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob: given }))
      return strictEqual(Buffer.from(Plaintext ?? []).toString(), text)
    }
    case 'mac': {
      const asked = new VerifyMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message, Mac: given })
      return strictEqual((await client.send(asked)).MacValid, true)
    }
    case 'signature': {
      const asked = new VerifyCommand({ KeyId, SigningAlgorithm: 'ECDSA_SHA_256', Message, Signature: given })
      return strictEqual((await client.send(asked)).SignatureValid, true)
    }
  }
}

/** The policy lets the user encrypt with every key, the grant decrypt with one. */
async function verifyUser({ user, used }: Expected, client: KMSClient): Promise<void> {
  ok(await client.send(new EncryptCommand({ KeyId: user.keyId, Plaintext: Buffer.from('a') })))
  for (const { keyId, kind, bytes } of used) {
    if (kind !== 'ciphertext') continue
    const opening = client.send(new DecryptCommand({ CiphertextBlob: Buffer.from(bytes, 'base64') }))
    const name = await opening.then(
      () => 'opened',
      (error: unknown) => (error as Error).name,
    )
    strictEqual(name, keyId === user.keyId ? 'opened' : 'AccessDeniedException')
  }
}

async function verifyIdentities({ users, roles }: Expected, iam: IAMClient): Promise<void> {
  const { Users = [] } = await iam.send(new ListUsersCommand({}))
  deepStrictEqual(
    Users.map(({ UserName }) => UserName),
    users,
  )
  const { Roles = [] } = await iam.send(new ListRolesCommand({}))
  deepStrictEqual(
    Roles.map(({ RoleName }) => RoleName),
    roles,
  )
  for (const RoleName of roles) ok((await iam.send(new GetRoleCommand({ RoleName }))).Role?.AssumeRolePolicyDocument)
}
