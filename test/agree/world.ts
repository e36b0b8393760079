import {
  CreateKeyCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  EncryptCommand,
  KMSClient,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms'
import { kmsClient, untilState } from '../clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal } from '../clients/principals.ts'
import { createAccount } from '../control.ts'
import { AWAY, HOME, type TestServer } from '../server.ts'

export const OWNER = '111122223333'
export const GUEST = '444455556666'
export const REGIONS = [HOME, AWAY] as const

/** Somebody who asks. */
export interface Asker {
  /** As `keyspan explain` takes it: of a role, its session. */
  readonly arn: string
  readonly account: string
  readonly credentials: TestPrincipal['credentials']
}

/** Something to ask with: a key, with a ciphertext and a grant of it. */
export interface Target {
  readonly arn: string
  readonly region: string
  readonly ciphertext: string | null
  readonly grantId: string | null
}

/** A world in which many questions have many answers. */
export interface World {
  readonly askers: readonly Asker[]
  readonly targets: readonly Target[]
  readonly aliases: readonly string[]
}

const CONTEXT = { team: 'payments' }

const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
const deny = (Action: string | readonly string[], more: object = {}) => ({ ...allow(Action, more), Effect: 'Deny' })
const root = (account: string) => `arn:aws:iam::${account}:root`
const team = (value: string) => ({ Condition: { StringEquals: { 'kms:EncryptionContext:team': value } } })

/** What identities of the world may do, as far as they are concerned. */
const IDENTITY_POLICIES = [
  undefined,
  policyOf(allow('*')),
  policyOf(allow('kms:*')),
  policyOf(allow(['kms:Encrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'], team('payments')), allow('kms:List*')),
  policyOf(allow('kms:*'), deny(['kms:Decrypt', 'kms:CreateGrant'], { Resource: `arn:aws:kms:${AWAY}:*:key/*` })),
  policyOf(allow('kms:*', { Condition: { StringEquals: { 'aws:RequestedRegion': HOME } } })),
  policyOf(
    allow('kms:*', { Condition: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': 'alias/one*' } } }),
    allow('kms:ReplicateKey', { Condition: { StringEquals: { 'kms:ReplicaRegion': AWAY } } }),
  ),
]

export async function buildWorld(server: TestServer): Promise<World> {
  await createAccount(server, GUEST)
  const askers: Asker[] = []
  for (const account of [OWNER, GUEST]) {
    askers.push({
      arn: root(account),
      account,
      credentials: await server.credentials(account === OWNER ? undefined : account),
    })
    const principals = await principalsOf(server, HOME, account === OWNER ? undefined : account)
    for (const [index, policy] of IDENTITY_POLICIES.entries()) {
      const user = await principals.user(policy)
      const role = await principals.role(`role-${index}`, policy)
      const session = role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/') + '/session'
      askers.push({ arn: user.arn, account, credentials: user.credentials })
      askers.push({ arn: session, account, credentials: role.credentials })
    }
  }
  return { askers, ...(await buildKeys(server, askers)) }
}

async function buildKeys(server: TestServer, askers: readonly Asker[]): Promise<Omit<World, 'askers'>> {
  // The second users of both accounts may do everything, as far as they are concerned.
  const [owner, guest] = [OWNER, GUEST].map((account) => askers.filter(({ arn }) => arn.includes(`${account}:user`))[1])
  if (owner === undefined || guest === undefined) throw new Error('There are such users.')
  const kms = new KMSClient({ region: HOME, endpoint: server.url, credentials: owner.credentials, maxAttempts: 1 })
  const named = { AWS: [owner.arn, guest.arn] }
  const byAccount = allow('kms:*', { Principal: { AWS: root(OWNER) } })
  const policies = [
    policyOf(byAccount),
    policyOf(byAccount, allow('kms:*', { Principal: { AWS: root(GUEST) } })),
    policyOf(allow('kms:*', { Principal: named })),
    policyOf(
      byAccount,
      deny('kms:*', { Principal: '*', Condition: { Null: { 'kms:EncryptionContext:team': 'true' } } }),
    ),
    policyOf(byAccount, allow(['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey'], { Principal: '*', ...team('hr') })),
    policyOf(byAccount, deny(['kms:ReplicateKey', 'kms:CreateGrant'], { Principal: { AWS: root(OWNER) } })),
  ]
  const targets: Target[] = []
  const aliases: string[] = []
  for (const [index, Policy] of policies.entries()) {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({
        Policy,
        MultiRegion: index < 3,
        BypassPolicyLockoutSafetyCheck: true,
        Tags: [{ TagKey: 'team', TagValue: 'payments' }],
      }),
    )
    const KeyId = KeyMetadata?.KeyId ?? ''
    const arn = KeyMetadata?.Arn ?? ''
    const alias = `alias/${index === 0 ? 'one' : 'other'}-${index}`
    const isOpen = await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId })).then(
      () => true,
      () => false,
    )
    if (isOpen) aliases.push(alias)
    const ciphertext = await kms
      .send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionContext: CONTEXT }))
      .then(({ CiphertextBlob }) => Buffer.from(CiphertextBlob ?? []).toString('base64'))
    const grantId = await kms
      .send(
        new CreateGrantCommand({
          KeyId,
          GranteePrincipal: askers[(index * 5 + 3) % askers.length]?.arn,
          RetiringPrincipal: guest.arn,
          Operations: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'CreateGrant', 'DescribeKey'],
          ...(index % 2 === 0 && { Constraints: { EncryptionContextSubset: CONTEXT } }),
        }),
      )
      .then(
        ({ GrantId }) => GrantId ?? null,
        () => null,
      )
    targets.push({ arn, region: HOME, ciphertext, grantId })
    if (index >= 3) continue
    await kms.send(
      new ReplicateKeyCommand({
        KeyId,
        ReplicaRegion: AWAY,
        Policy: policies[(index + 1) % 3],
        BypassPolicyLockoutSafetyCheck: true,
      }),
    )
    if (index !== 1) await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled').catch(() => undefined)
    targets.push({ arn: arn.replace(HOME, AWAY), region: AWAY, ciphertext, grantId: null })
  }
  return { targets, aliases }
}
