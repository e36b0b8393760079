import * as org from '@aws-sdk/client-organizations'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { advanceClock, createAccount } from '../control.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'

const MANAGEMENT = '111122223333'
const INVITED = '444455556666'
const GUEST = '777788889999'
const DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*"}]}'
const SCP = 'SERVICE_CONTROL_POLICY'
const RCP = 'RESOURCE_CONTROL_POLICY'

let server: TestServer
let management: org.OrganizationsClient
let invited: org.OrganizationsClient
let rootId: string

async function clientOf(account?: string): Promise<org.OrganizationsClient> {
  const credentials = await server.credentials(account)
  return new org.OrganizationsClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
}

async function refusalOf(request: Promise<unknown>): Promise<{ name: string; message: string; reason?: string }> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof org.OrganizationsServiceException)) throw error
    const { name, message } = error
    return 'Reason' in error ? { name, message, reason: String(error.Reason) } : { name, message }
  }
  throw new Error('The request was not refused.')
}

async function createUnit(ParentId: string, Name: string): Promise<string> {
  const answer = await management.send(new org.CreateOrganizationalUnitCommand({ ParentId, Name }))
  return answer.OrganizationalUnit?.Id ?? ''
}

async function createPolicy(Name: string, Content = DENY, Type: org.PolicyType = SCP): Promise<string> {
  const answer = await management.send(new org.CreatePolicyCommand({ Name, Content, Type, Description: '' }))
  return answer.Policy?.PolicySummary?.Id ?? ''
}

async function attachedTo(TargetId: string, Filter: org.PolicyType = SCP): Promise<readonly string[]> {
  const { Policies } = await management.send(new org.ListPoliciesForTargetCommand({ TargetId, Filter }))
  return (Policies ?? []).map(({ Id }) => Id ?? '')
}

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  await createAccount(server, INVITED)
  management = await clientOf()
  invited = await clientOf(INVITED)
})
afterAll(() => server[Symbol.asyncDispose]())

describe('An account without an organization', () => {
  it('is told that it is in none', async () => {
    expect(await refusalOf(management.send(new org.DescribeOrganizationCommand({})))).toEqual({
      name: 'AWSOrganizationsNotInUseException',
      message: 'Your account is not a member of an organization.',
    })
  })

  it('makes one and manages it', async () => {
    const { Organization } = await management.send(new org.CreateOrganizationCommand({}))
    const { Id: id = '' } = Organization ?? {}
    expect(id).toMatch(/^o-[a-z0-9]{10}$/)
    expect(Organization).toMatchObject({
      Arn: `arn:aws:organizations::${MANAGEMENT}:organization/${id}`,
      FeatureSet: 'ALL',
      MasterAccountArn: `arn:aws:organizations::${MANAGEMENT}:account/${id}/${MANAGEMENT}`,
      MasterAccountId: MANAGEMENT,
    })
    expect(await management.send(new org.DescribeOrganizationCommand({}))).toMatchObject({ Organization })
    const { Roots = [] } = await management.send(new org.ListRootsCommand({}))
    rootId = Roots[0]?.Id ?? ''
    expect(rootId).toMatch(/^r-[a-z0-9]{4}$/)
    expect(Roots).toEqual([
      { Id: rootId, Arn: `arn:aws:organizations::${MANAGEMENT}:root/${id}/${rootId}`, Name: 'Root', PolicyTypes: [] },
    ])
  })

  it('cannot make a second one', async () => {
    const refusal = await refusalOf(management.send(new org.CreateOrganizationCommand({})))
    expect(refusal.name).toBe('AlreadyInOrganizationException')
  })
})

describe('An invitation', () => {
  it('brings an existing account into the organization once it accepts', async () => {
    const target = { Id: INVITED, Type: 'ACCOUNT' } as const
    const { Handshake } = await management.send(
      new org.InviteAccountToOrganizationCommand({ Target: target, Notes: 'Come in' }),
    )
    expect(Handshake).toMatchObject({ State: 'OPEN', Action: 'INVITE' })
    expect(await refusalOf(management.send(new org.InviteAccountToOrganizationCommand({ Target: target })))).toEqual({
      name: 'DuplicateHandshakeException',
      message: 'A handshake with the same action and target already exists.',
    })
    const { Handshakes } = await invited.send(new org.ListHandshakesForAccountCommand({}))
    expect(Handshakes).toEqual([Handshake])
    const HandshakeId = Handshake?.Id
    expect((await refusalOf(management.send(new org.AcceptHandshakeCommand({ HandshakeId })))).name).toBe(
      'AccessDeniedException',
    )
    const accepted = await invited.send(new org.AcceptHandshakeCommand({ HandshakeId }))
    expect(accepted.Handshake?.State).toBe('ACCEPTED')
    const { Account } = await management.send(new org.DescribeAccountCommand({ AccountId: INVITED }))
    expect(Account).toMatchObject({ Id: INVITED, JoinedMethod: 'INVITED', Status: 'ACTIVE' })
    expect((await refusalOf(management.send(new org.CancelHandshakeCommand({ HandshakeId })))).name).toBe(
      'InvalidHandshakeTransitionException',
    )
    expect(
      await refusalOf(management.send(new org.InviteAccountToOrganizationCommand({ Target: target }))),
    ).toMatchObject({ name: 'HandshakeConstraintViolationException', reason: 'ALREADY_IN_AN_ORGANIZATION' })
  })

  it('can be declined, taken back, or left until it expires, and is over then', async () => {
    await createAccount(server, GUEST)
    const guest = await clientOf(GUEST)
    const invite = async () => {
      const Target = { Id: `${GUEST}@accounts.invalid`, Type: 'EMAIL' } as const
      const { Handshake } = await management.send(new org.InviteAccountToOrganizationCommand({ Target }))
      expect(Handshake?.Parties).toContainEqual(Target)
      return { HandshakeId: Handshake?.Id }
    }
    const declined = await invite()
    expect((await guest.send(new org.DeclineHandshakeCommand(declined))).Handshake?.State).toBe('DECLINED')
    expect((await refusalOf(guest.send(new org.DeclineHandshakeCommand(declined)))).name).toBe(
      'HandshakeAlreadyInStateException',
    )
    const canceled = await invite()
    expect((await refusalOf(guest.send(new org.CancelHandshakeCommand(canceled)))).name).toBe('AccessDeniedException')
    await management.send(new org.CancelHandshakeCommand(canceled))
    const expired = await invite()
    expect((await refusalOf(invited.send(new org.DescribeHandshakeCommand(expired)))).name).toBe(
      'HandshakeNotFoundException',
    )
    await advanceClock(server, '15d')
    expect((await guest.send(new org.DescribeHandshakeCommand(expired))).Handshake?.State).toBe('EXPIRED')
    for (const ended of [declined, canceled, expired]) {
      expect((await refusalOf(guest.send(new org.AcceptHandshakeCommand(ended)))).name).toBe(
        'InvalidHandshakeTransitionException',
      )
    }
    const all = await management.send(new org.ListHandshakesForOrganizationCommand({}))
    expect(all.Handshakes).toHaveLength(4)
    const parented = { Filter: { ParentHandshakeId: 'h-12345678' } }
    expect((await management.send(new org.ListHandshakesForOrganizationCommand(parented))).Handshakes).toEqual([])
  })

  it('to nobody is refused', async () => {
    const Target = { Id: '999999999999', Type: 'ACCOUNT' } as const
    const refusal = await refusalOf(management.send(new org.InviteAccountToOrganizationCommand({ Target })))
    expect(refusal.name).toBe('InvalidInputException')
  })
})

describe('A member account', () => {
  it('may ask which organization it is in, and do nothing else with it', async () => {
    const { Organization } = await invited.send(new org.DescribeOrganizationCommand({}))
    expect(Organization?.MasterAccountId).toBe(MANAGEMENT)
    const denied = { name: 'AccessDeniedException', message: "You don't have permissions to access this resource." }
    expect(await refusalOf(invited.send(new org.ListRootsCommand({})))).toEqual(denied)
    expect(
      await refusalOf(invited.send(new org.CreateOrganizationalUnitCommand({ ParentId: rootId, Name: 'mine' }))),
    ).toEqual(denied)
    expect(await refusalOf(invited.send(new org.DeleteOrganizationCommand({})))).toEqual(denied)
    expect(
      await refusalOf(invited.send(new org.DetachPolicyCommand({ PolicyId: 'p-FullAWSAccess', TargetId: INVITED }))),
    ).toEqual(denied)
  })

  it('that is made belongs to the organization, and its root user gets a key afterwards', async () => {
    const request = { AccountName: 'Production', Email: 'susan@example.com' }
    const { CreateAccountStatus: status } = await management.send(new org.CreateAccountCommand(request))
    expect(status).toMatchObject({ State: 'SUCCEEDED', AccountName: 'Production' })
    expect(status?.Id).toMatch(/^car-[a-z0-9]{32}$/)
    const CreateAccountRequestId = status?.Id
    expect(await management.send(new org.DescribeCreateAccountStatusCommand({ CreateAccountRequestId }))).toMatchObject(
      { CreateAccountStatus: status },
    )
    const id = status?.AccountId ?? ''
    const { Account } = await management.send(new org.DescribeAccountCommand({ AccountId: id }))
    expect(Account).toMatchObject({ Email: 'susan@example.com', Name: 'Production', JoinedMethod: 'CREATED' })
    await createAccount(server, id)
    const own = await clientOf(id)
    expect((await own.send(new org.DescribeOrganizationCommand({}))).Organization?.MasterAccountId).toBe(MANAGEMENT)
    const again = await management.send(new org.CreateAccountCommand({ ...request, Email: 'SUSAN@example.com' }))
    expect(again.CreateAccountStatus).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' })
    await own.send(new org.LeaveOrganizationCommand({}))
    expect((await refusalOf(own.send(new org.DescribeOrganizationCommand({})))).name).toBe(
      'AWSOrganizationsNotInUseException',
    )
  })

  it('that is made is recorded without the name and address of its holder', async () => {
    const folder = join(server.path, 'audit', 'global')
    const files = await readdir(folder)
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
    const record = texts
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => JSON.parse(line) as { eventName: string; requestParameters: unknown; responseElements: unknown })
      .find(({ eventName }) => eventName === 'CreateAccount')
    expect(record).toMatchObject({
      eventSource: 'organizations.amazonaws.com',
      requestParameters: { accountName: '****', email: '****' },
      responseElements: { createAccountStatus: { accountName: '****', state: 'SUCCEEDED' } },
    })
    expect(texts.join('')).not.toContain('susan@example.com')
  })

  it('is listed page by page', async () => {
    const first = await management.send(new org.ListAccountsCommand({ MaxResults: 1 }))
    expect(first.Accounts?.map(({ Id }) => Id)).toEqual([MANAGEMENT])
    const second = await management.send(new org.ListAccountsCommand({ NextToken: first.NextToken }))
    expect(second.Accounts?.map(({ Id }) => Id)).toEqual([INVITED])
    expect(second.NextToken).toBeUndefined()
    expect(await refusalOf(management.send(new org.ListAccountsCommand({ NextToken: 'x' })))).toMatchObject({
      name: 'InvalidInputException',
      reason: 'INVALID_NEXT_TOKEN',
    })
  })
})

describe('Units', () => {
  it('hold units and accounts, and go only when they are empty', async () => {
    const outer = await createUnit(rootId, 'outer')
    const inner = await createUnit(outer, 'inner')
    expect(inner).toMatch(new RegExp(`^ou-${rootId.slice(2)}-[a-z0-9]{8}$`))
    expect((await refusalOf(createUnit(rootId, 'outer'))).name).toBe('DuplicateOrganizationalUnitException')
    const move = { AccountId: INVITED, SourceParentId: rootId, DestinationParentId: inner }
    await management.send(new org.MoveAccountCommand(move))
    expect((await refusalOf(management.send(new org.MoveAccountCommand(move)))).name).toBe(
      'SourceParentNotFoundException',
    )
    const { Parents } = await management.send(new org.ListParentsCommand({ ChildId: INVITED }))
    expect(Parents).toEqual([{ Id: inner, Type: 'ORGANIZATIONAL_UNIT' }])
    const children = new org.ListChildrenCommand({ ParentId: inner, ChildType: 'ACCOUNT' })
    expect((await management.send(children)).Children).toEqual([{ Id: INVITED, Type: 'ACCOUNT' }])
    const { OrganizationalUnit } = await management.send(
      new org.UpdateOrganizationalUnitCommand({ OrganizationalUnitId: inner, Name: 'renamed' }),
    )
    expect(OrganizationalUnit).toMatchObject({ Name: 'renamed' })
    expect(OrganizationalUnit?.Path).toMatch(new RegExp(`^o-[a-z0-9]+/${rootId}/${outer}/${inner}/$`))
    for (const OrganizationalUnitId of [outer, inner]) {
      const refusal = await refusalOf(
        management.send(new org.DeleteOrganizationalUnitCommand({ OrganizationalUnitId })),
      )
      expect(refusal.name).toBe('OrganizationalUnitNotEmptyException')
    }
    await management.send(
      new org.MoveAccountCommand({ AccountId: INVITED, SourceParentId: inner, DestinationParentId: rootId }),
    )
    await management.send(new org.DeleteOrganizationalUnitCommand({ OrganizationalUnitId: inner }))
    await management.send(new org.DeleteOrganizationalUnitCommand({ OrganizationalUnitId: outer }))
    expect(
      (await management.send(new org.ListOrganizationalUnitsForParentCommand({ ParentId: rootId })))
        .OrganizationalUnits,
    ).toEqual([])
  })

  it('that do not exist, or that no id could name, are told apart', async () => {
    const describeUnit = (OrganizationalUnitId: string) =>
      refusalOf(management.send(new org.DescribeOrganizationalUnitCommand({ OrganizationalUnitId })))
    expect((await describeUnit('ou-abcd-12345678')).name).toBe('OrganizationalUnitNotFoundException')
    expect(await describeUnit('unit')).toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining("Value 'unit' at 'organizationalUnitId' failed to satisfy constraint"),
    })
  })

  it('are nested five deep at most', async () => {
    const units = [rootId]
    for (const name of ['1', '2', '3', '4', '5']) units.push(await createUnit(units.at(-1) ?? '', name))
    expect(await refusalOf(createUnit(units.at(-1) ?? '', '6'))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'OU_DEPTH_LIMIT_EXCEEDED',
    })
    for (const OrganizationalUnitId of units.slice(1).toReversed()) {
      await management.send(new org.DeleteOrganizationalUnitCommand({ OrganizationalUnitId }))
    }
  })
})

describe('Policies', () => {
  it('are attached only where their type is enabled', async () => {
    const PolicyId = await createPolicy('early')
    const attach = new org.AttachPolicyCommand({ PolicyId, TargetId: INVITED })
    expect((await refusalOf(management.send(attach))).name).toBe('PolicyTypeNotEnabledException')
    for (const PolicyType of [SCP, RCP] as const) {
      const { Root } = await management.send(new org.EnablePolicyTypeCommand({ RootId: rootId, PolicyType }))
      expect(Root?.PolicyTypes).toContainEqual({ Type: PolicyType, Status: 'ENABLED' })
    }
    expect(
      (await refusalOf(management.send(new org.EnablePolicyTypeCommand({ RootId: rootId, PolicyType: SCP })))).name,
    ).toBe('PolicyTypeAlreadyEnabledException')
    for (const target of [rootId, MANAGEMENT, INVITED, await createUnit(rootId, 'later')]) {
      expect(await attachedTo(target)).toEqual(['p-FullAWSAccess'])
      expect(await attachedTo(target, RCP)).toEqual(['p-RCPFullAWSAccess'])
    }
    await management.send(attach)
    expect((await refusalOf(management.send(attach))).name).toBe('DuplicatePolicyAttachmentException')
    expect(await management.send(new org.ListTargetsForPolicyCommand({ PolicyId }))).toMatchObject({
      Targets: [{ TargetId: INVITED, Type: 'ACCOUNT' }],
    })
    expect((await refusalOf(management.send(new org.DeletePolicyCommand({ PolicyId })))).name).toBe(
      'PolicyInUseException',
    )
    await management.send(new org.DetachPolicyCommand({ PolicyId, TargetId: INVITED }))
    expect((await refusalOf(management.send(new org.DetachPolicyCommand({ PolicyId, TargetId: INVITED })))).name).toBe(
      'PolicyNotAttachedException',
    )
    await management.send(new org.DeletePolicyCommand({ PolicyId }))
    expect((await refusalOf(management.send(new org.DescribePolicyCommand({ PolicyId })))).name).toBe(
      'PolicyNotFoundException',
    )
  })

  it("of AWS's own are there, and cannot be changed", async () => {
    const { Policies } = await management.send(new org.ListPoliciesCommand({ Filter: SCP }))
    expect(Policies).toEqual([
      {
        Id: 'p-FullAWSAccess',
        Arn: 'arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess',
        Name: 'FullAWSAccess',
        Description: 'Allows access to every operation',
        Type: SCP,
        AwsManaged: true,
      },
    ])
    const update = new org.UpdatePolicyCommand({ PolicyId: 'p-FullAWSAccess', Content: DENY })
    expect(await refusalOf(management.send(update))).toMatchObject({ reason: 'IMMUTABLE_POLICY' })
  })

  it('leave at least one service control policy, and AWS its own resource control policy', async () => {
    const last = new org.DetachPolicyCommand({ PolicyId: 'p-FullAWSAccess', TargetId: INVITED })
    expect(await refusalOf(management.send(last))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    })
    const own = new org.DetachPolicyCommand({ PolicyId: 'p-RCPFullAWSAccess', TargetId: INVITED })
    expect(await refusalOf(management.send(own))).toMatchObject({ reason: 'NON_DETACHABLE_POLICY' })
  })

  it('are five of a type at most in one place', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      await management.send(new org.AttachPolicyCommand({ PolicyId: await createPolicy(name), TargetId: INVITED }))
    }
    const sixth = new org.AttachPolicyCommand({ PolicyId: await createPolicy('e'), TargetId: INVITED })
    expect(await refusalOf(management.send(sixth))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    })
  })

  it('must be what their type may be', async () => {
    const allow =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}'
    expect((await refusalOf(createPolicy('rcp', allow, RCP))).name).toBe('MalformedPolicyDocumentException')
    expect((await refusalOf(createPolicy('scp', '{"Statement":'))).name).toBe('MalformedPolicyDocumentException')
    expect(await refusalOf(createPolicy('long', DENY + ' '.repeat(5120)))).toMatchObject({
      reason: 'POLICY_CONTENT_LIMIT_EXCEEDED',
    })
    expect((await refusalOf(createPolicy('FullAWSAccess'))).name).toBe('DuplicatePolicyException')
    expect(await refusalOf(createPolicy('tags', '{}', 'TAG_POLICY'))).toMatchObject({
      name: 'InvalidInputException',
      reason: 'INVALID_ENUM_POLICY_TYPE',
    })
    const deny = allow.replace('Allow', 'Deny')
    expect(await createPolicy('rcp', deny, RCP)).toMatch(/^p-[a-z0-9]{10}$/)
  })

  it('of a type that is disabled are detached from everything', async () => {
    await management.send(new org.DisablePolicyTypeCommand({ RootId: rootId, PolicyType: SCP }))
    expect(await attachedTo(INVITED)).toEqual([])
    await management.send(new org.EnablePolicyTypeCommand({ RootId: rootId, PolicyType: SCP }))
    expect(await attachedTo(INVITED)).toEqual(['p-FullAWSAccess'])
  })
})

describe('Tags', () => {
  it('are kept with whatever is named', async () => {
    const policy = await createPolicy('tagged')
    for (const ResourceId of [rootId, INVITED, policy]) {
      const Tags = [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '' },
      ]
      await management.send(new org.TagResourceCommand({ ResourceId, Tags }))
      await management.send(new org.UntagResourceCommand({ ResourceId, TagKeys: ['a', 'c'] }))
      const { Tags: left } = await management.send(new org.ListTagsForResourceCommand({ ResourceId }))
      expect(left).toEqual([{ Key: 'b', Value: '' }])
    }
    const twice = { ResourceId: rootId, Tags: [1, 2].map((value) => ({ Key: 'a', Value: String(value) })) }
    expect(await refusalOf(management.send(new org.TagResourceCommand(twice)))).toMatchObject({
      reason: 'DUPLICATE_TAG_KEY',
    })
  })
})

describe('The end of an organization', () => {
  it('comes when the management account is alone', async () => {
    expect((await refusalOf(management.send(new org.DeleteOrganizationCommand({})))).name).toBe(
      'OrganizationNotEmptyException',
    )
    const own = new org.RemoveAccountFromOrganizationCommand({ AccountId: MANAGEMENT })
    expect((await refusalOf(management.send(own))).name).toBe('MasterCannotLeaveOrganizationException')
    expect((await refusalOf(management.send(new org.LeaveOrganizationCommand({})))).name).toBe(
      'MasterCannotLeaveOrganizationException',
    )
    await management.send(new org.RemoveAccountFromOrganizationCommand({ AccountId: INVITED }))
    await management.send(new org.DeleteOrganizationCommand({}))
    expect((await refusalOf(management.send(new org.ListRootsCommand({})))).name).toBe(
      'AWSOrganizationsNotInUseException',
    )
    const { Organization } = await invited.send(
      new org.CreateOrganizationCommand({ FeatureSet: 'CONSOLIDATED_BILLING' }),
    )
    expect(Organization).toMatchObject({ FeatureSet: 'CONSOLIDATED_BILLING', AvailablePolicyTypes: [] })
    const policy = new org.CreatePolicyCommand({ Name: 'x', Content: DENY, Type: SCP, Description: '' })
    expect((await refusalOf(invited.send(policy))).name).toBe('PolicyTypeNotAvailableForOrganizationException')
  })
})
