import { EnableKeyCommand } from '@aws-sdk/client-kms'
import {
  AcceptHandshakeCommand,
  AttachPolicyCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  DetachPolicyCommand,
  EnablePolicyTypeCommand,
  InviteAccountToOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
  type PolicyType,
} from '@aws-sdk/client-organizations'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policyOf, principalsOf, type TestPrincipals } from '../clients/principals.ts'
import { HOME } from '../server.ts'
import { allow, byAccount, createKey, deny, describeKey, encrypt, root } from './scene.ts'
import { GUEST, openStage, OWNER, type Stage } from './stage.ts'

let stage: Stage
let guest: TestPrincipals
let organizations: OrganizationsClient
let unit: string

beforeAll(async () => {
  stage = await openStage()
  guest = await principalsOf(stage.server, HOME, GUEST)
  organizations = await organizationsOf()
  unit = await joinOrganization()
})
afterAll(() => stage[Symbol.asyncDispose]())

async function organizationsOf(account?: string): Promise<OrganizationsClient> {
  const { server } = stage
  return new OrganizationsClient({
    region: HOME,
    endpoint: server.url,
    credentials: await server.credentials(account),
  })
}

/** Puts the guest into the unit Prod of an organization; its id. */
async function joinOrganization(): Promise<string> {
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
  const { Roots } = await organizations.send(new ListRootsCommand({}))
  const RootId = Roots?.[0]?.Id
  for (const PolicyType of ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'] as const) {
    await organizations.send(new EnablePolicyTypeCommand({ RootId, PolicyType }))
  }
  const { Handshake } = await organizations.send(
    new InviteAccountToOrganizationCommand({ Target: { Id: GUEST, Type: 'ACCOUNT' } }),
  )
  await (await organizationsOf(GUEST)).send(new AcceptHandshakeCommand({ HandshakeId: Handshake?.Id }))
  const { OrganizationalUnit } = await organizations.send(
    new CreateOrganizationalUnitCommand({ ParentId: RootId, Name: 'Prod' }),
  )
  const Id = OrganizationalUnit?.Id ?? ''
  const move = { AccountId: GUEST, SourceParentId: RootId, DestinationParentId: Id }
  await organizations.send(new MoveAccountCommand(move))
  return Id
}

/** Attaches a policy to the unit, while something is done. */
async function under(Type: PolicyType, Name: string, statement: object, work: () => Promise<void>): Promise<void> {
  const Content = policyOf(statement)
  const { Policy } = await organizations.send(new CreatePolicyCommand({ Type, Content, Name, Description: '' }))
  const place = { PolicyId: Policy?.PolicySummary?.Id, TargetId: unit }
  await organizations.send(new AttachPolicyCommand(place))
  await work()
  await organizations.send(new DetachPolicyCommand(place))
}

const open = () => policyOf(byAccount, allow('kms:*', { Principal: { AWS: root(GUEST) } }))

describe('The remedy that is printed', () => {
  it('is the half of a guest whose own account lacks it', async () => {
    const key = await createKey(stage.server, { Policy: open() })
    const kms = (await guest.user()).kms(HOME)
    const story = await stage.refused(encrypt(kms, key))
    await stage.show('half of cross-account access', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(kms, key)
    await stage.refused(describeKey(kms, key))
  })

  it('is both halves at once', async () => {
    const key = await createKey(stage.server)
    const kms = (await guest.user()).kms(HOME)
    const story = await stage.refused(encrypt(kms, key))
    expect(story.explained.permissions[0]?.steps).toHaveLength(2)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(kms, key)
    await stage.refused(describeKey(kms, key))
  })

  it('changes the SCP that denies, and names the unit', async () => {
    const key = await createKey(stage.server, { Policy: open() })
    const kms = (await guest.user(policyOf(allow('kms:*')))).kms(HOME)
    const Condition = { StringNotEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const statement = { Sid: 'Payments', ...deny('kms:Encrypt', { Condition }) }
    await under('SERVICE_CONTROL_POLICY', 'teams', statement, async () => {
      const story = await stage.refused(encrypt(kms, key, { team: 'hr' }))
      await stage.show('an SCP that denies', story)
      expect(story.text).toMatch(/SCP teams \(p-\w+\) at OU Prod/)
      const [request, change] = story.explained.permissions[0]?.steps[0]?.remedies ?? []
      expect(request).toMatchObject({ kind: 'request', values: ['payments'] })
      await encrypt(kms, key, { team: 'payments' })
      if (change !== undefined) await stage.applyOne(story, change)
      await encrypt(kms, key, { team: 'hr' })
      await stage.refused(encrypt(kms, key, { team: 'law' }))
    })
  })

  it('adds to the SCP that does not allow', async () => {
    const key = await createKey(stage.server, { Policy: open() })
    const kms = (await guest.user(policyOf(allow('kms:*')))).kms(HOME)
    const full = { PolicyId: 'p-FullAWSAccess', TargetId: unit }
    await under('SERVICE_CONTROL_POLICY', 'allowed', allow(['kms:List*', 'iam:*']), async () => {
      await organizations.send(new DetachPolicyCommand(full))
      const story = await stage.refused(encrypt(kms, key))
      await stage.show('an SCP that does not allow', story)
      expect(await stage.apply(story)).toEqual([])
      await encrypt(kms, key)
      await stage.refused(describeKey(kms, key))
      await organizations.send(new AttachPolicyCommand(full))
    })
  })

  it('changes the RCP that denies, for a key of its account', async () => {
    const kms = (await guest.user(policyOf(allow('kms:*')))).kms(HOME)
    const own = await stage.keyOf(GUEST)
    const Condition = { StringNotEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const statement = deny('kms:Encrypt', { Principal: '*', Condition })
    await under('RESOURCE_CONTROL_POLICY', 'data', statement, async () => {
      const story = await stage.refused(encrypt(kms, own, { team: 'hr' }))
      expect(story.text).toMatch(/RCP data \(p-\w+\) at OU Prod/)
      const change = story.explained.permissions[0]?.steps[0]?.remedies.find(({ kind }) => kind === 'policy')
      if (change !== undefined) await stage.applyOne(story, change)
      await encrypt(kms, own, { team: 'hr' })
      await stage.refused(encrypt(kms, own, { team: 'law' }))
    })
  })

  it('is none where an operation never crosses accounts', async () => {
    const key = await createKey(stage.server, { Policy: open() })
    const kms = (await guest.user(policyOf(allow('kms:*')))).kms(HOME)
    const story = await stage.refused(kms.send(new EnableKeyCommand({ KeyId: key })))
    await stage.show('an operation that never crosses accounts', story)
    expect(story.text).toContain(OWNER)
  })

  it('says that a key of another account is not there', async () => {
    const kms = (await guest.user(policyOf(allow('kms:*')))).kms(HOME)
    const absent = `arn:aws:kms:${HOME}:${OWNER}:key/${randomUUID()}`
    const story = await stage.refused(encrypt(kms, absent))
    await stage.show('a key of another account that is not there', story)
    expect(story.text).toContain('REFUSED')
  })
})
