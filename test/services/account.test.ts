import * as account from '@aws-sdk/client-account'
import * as org from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount } from '../control.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'

const MANAGEMENT = '111122223333'
const MEMBER = '444455556666'
const STRANGER = '777788889999'

let server: TestServer
let own: account.AccountClient

async function clientOf(id?: string): Promise<account.AccountClient> {
  const credentials = await server.credentials(id)
  return new account.AccountClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
}

async function organizationsOf(id?: string): Promise<org.OrganizationsClient> {
  const credentials = await server.credentials(id)
  return new org.OrganizationsClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
}

async function refusalOf(request: Promise<unknown>) {
  try {
    await request
  } catch (error) {
    if (!(error instanceof account.AccountServiceException)) throw error
    const { name, message, $metadata } = error
    const reason = error instanceof account.ValidationException ? error.reason : undefined
    return { name, message, status: $metadata.httpStatusCode, reason }
  }
  throw new Error('The request was not refused.')
}

async function statusOf(RegionName: string, AccountId?: string): Promise<string | undefined> {
  const answer = await own.send(new account.GetRegionOptStatusCommand({ RegionName, AccountId }))
  return answer.RegionOptStatus
}

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  await createAccount(server, MEMBER)
  await createAccount(server, STRANGER)
  own = await clientOf()
  const management = await organizationsOf()
  await management.send(new org.CreateOrganizationCommand({}))
  const Target = { Id: MEMBER, Type: 'ACCOUNT' } as const
  const { Handshake } = await management.send(new org.InviteAccountToOrganizationCommand({ Target }))
  const member = await organizationsOf(MEMBER)
  await member.send(new org.AcceptHandshakeCommand({ HandshakeId: Handshake?.Id }))
})
afterAll(() => server[Symbol.asyncDispose]())

describe('The Regions of an account', () => {
  it('are on by default, or off until the account opts in', async () => {
    const { Regions = [] } = await own.send(new account.ListRegionsCommand({}))
    expect(Regions).toHaveLength(34)
    expect(Regions).toContainEqual({ RegionName: 'us-east-1', RegionOptStatus: 'ENABLED_BY_DEFAULT' })
    expect(Regions).toContainEqual({ RegionName: 'af-south-1', RegionOptStatus: 'DISABLED' })
  })

  it('are listed page by page, and by their status', async () => {
    const RegionOptStatusContains: account.RegionOptStatus[] = ['ENABLED_BY_DEFAULT']
    const first = await own.send(new account.ListRegionsCommand({ MaxResults: 10, RegionOptStatusContains }))
    const rest = await own.send(new account.ListRegionsCommand({ RegionOptStatusContains, NextToken: first.NextToken }))
    const names = [...(first.Regions ?? []), ...(rest.Regions ?? [])].map(({ RegionName }) => RegionName)
    expect(names).toHaveLength(17)
    expect(new Set(names).size).toBe(17)
    expect(rest.NextToken).toBeUndefined()
  })

  it('can be switched on and off, once each', async () => {
    const RegionName = 'eu-south-2'
    expect(await statusOf(RegionName)).toBe('DISABLED')
    await own.send(new account.EnableRegionCommand({ RegionName }))
    expect(await statusOf(RegionName)).toBe('ENABLED')
    expect(await refusalOf(own.send(new account.EnableRegionCommand({ RegionName })))).toEqual({
      name: 'ValidationException',
      message: 'Unable to switch region status because of its current opt-in status.',
      status: 400,
      reason: 'invalidRegionOptTarget',
    })
    await own.send(new account.DisableRegionCommand({ RegionName }))
    expect(await statusOf(RegionName)).toBe('DISABLED')
  })

  it('that are on for everybody cannot be switched off, and those that do not exist not on', async () => {
    expect(await refusalOf(own.send(new account.DisableRegionCommand({ RegionName: HOME })))).toMatchObject({
      reason: 'invalidRegionOptTarget',
    })
    expect(await refusalOf(own.send(new account.EnableRegionCommand({ RegionName: 'eu-west-9' })))).toMatchObject({
      name: 'ValidationException',
    })
  })

  it('of a member are switched by its management account, and by no other', async () => {
    const change = { RegionName: 'me-south-1', AccountId: MEMBER }
    await own.send(new account.EnableRegionCommand(change))
    expect(await statusOf('me-south-1', MEMBER)).toBe('ENABLED')
    expect(await statusOf('me-south-1')).toBe('DISABLED')
    const denied = { name: 'AccessDeniedException', status: 403 }
    const stranger = await clientOf(STRANGER)
    expect(await refusalOf(stranger.send(new account.DisableRegionCommand(change)))).toMatchObject(denied)
    for (const AccountId of [STRANGER, MANAGEMENT, '999999999999']) {
      expect(
        await refusalOf(own.send(new account.EnableRegionCommand({ RegionName: 'me-south-1', AccountId }))),
      ).toMatchObject(denied)
    }
  })
})

describe('An account', () => {
  it('has a name, a time of creation and an address', async () => {
    const before = await own.send(new account.GetAccountInformationCommand({}))
    expect(before).toMatchObject({ AccountId: MANAGEMENT, AccountState: 'ACTIVE' })
    expect(before.AccountCreatedDate?.getTime()).toBeGreaterThan(0)
    await own.send(new account.PutAccountNameCommand({ AccountName: 'Treasury' }))
    const after = await own.send(new account.GetAccountInformationCommand({}))
    expect(after.AccountName).toBe('Treasury')
    const { PrimaryEmail } = await own.send(new account.GetPrimaryEmailCommand({ AccountId: MEMBER }))
    expect(PrimaryEmail).toBe(`${MEMBER}@accounts.invalid`)
  })

  it('keeps how its holder is reached', async () => {
    expect(await refusalOf(own.send(new account.GetContactInformationCommand({})))).toMatchObject({
      name: 'ResourceNotFoundException',
      status: 404,
    })
    const ContactInformation = {
      FullName: 'Susan',
      AddressLine1: '1 Main Street',
      City: 'Springfield',
      PostalCode: '12345',
      CountryCode: 'US',
      PhoneNumber: '+1 555 0100',
    }
    await own.send(new account.PutContactInformationCommand({ ContactInformation }))
    expect(await own.send(new account.GetContactInformationCommand({}))).toMatchObject({ ContactInformation })
  })
})

describe('A request to no operation', () => {
  it('is refused in the protocol of the service', async () => {
    const credentials = await server.credentials()
    const plan = { url: server.url, credentials, service: 'account', path: '/listEverything' }
    const { status, headers } = await send(server.url, await signRequest(plan))
    expect(status).toBe(404)
    expect(headers.get('x-amzn-errortype')).toBe('UnknownOperationException')
  })

  it('that AWS has and this server has not is told as that', async () => {
    const request = new account.GetAlternateContactCommand({ AlternateContactType: 'SECURITY' })
    expect(await refusalOf(own.send(request))).toMatchObject({ name: 'UnsupportedOperationException' })
  })
})
