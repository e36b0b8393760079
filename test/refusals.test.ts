import { DeleteRoleCommand, GetUserCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSServiceException,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RetireGrantCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import {
  AcceptHandshakeCommand,
  CancelHandshakeCommand,
  CreateOrganizationCommand,
  InviteAccountToOrganizationCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { kmsClient } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from './clients/principals.ts'
import { advanceClock, askControl, askInspector, createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { createServerProcess } from './server-process.ts'
import { send, signRequest } from './signed-request.ts'
import { MAIN } from './program/program.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const OTHER = '777788889999'
const root = (account: string) => `arn:aws:iam::${account}:root`
const allow = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more })
const byAccount = allow('kms:*', { Principal: { AWS: root(OWNER) } })
const NO_KEY = '00000000-0000-4000-8000-000000000000'
const MOMENT = /was deleted on \d{4}-\d\d-\d\d \d\d:\d\d UTC/

let server: TestServer
let owner: TestPrincipals
let guest: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  await createAccount(server, OTHER)
  owner = await principalsOf(server, HOME)
  guest = await principalsOf(server, HOME, GUEST)
})
afterAll(() => server[Symbol.asyncDispose]())

interface SdkError {
  readonly name: string
  readonly message: string
  readonly $metadata: { readonly requestId?: string }
  readonly $response?: { readonly headers: Record<string, string> }
}

/** The refusal of a request, whose header must have its id. */
async function refused(request: Promise<unknown>) {
  const error = (await request.then(
    () => null,
    (reason: unknown) => reason,
  )) as SdkError | null
  if (error === null) throw new Error('The request was not refused.')
  const { requestId: id = '' } = error.$metadata
  expect(error.$response?.headers['x-keyspan-explain']).toBe(id)
  return { id, name: error.name, message: error.message }
}

/** What the operator is told of a request that is refused with `name`. */
async function explained(request: Promise<unknown>, name = 'AccessDeniedException'): Promise<string> {
  const { id, ...error } = await refused(request)
  expect(error.name).toBe(name)
  const text = await askInspector(server, '/explain', { id })
  expect(text).not.toBe(error.message)
  return text
}

/** What an account is told over HTTP. */
async function told(id: string, account: string) {
  const credentials = await server.credentials(account === OWNER ? undefined : account)
  const body = JSON.stringify({ RequestId: id, Verbose: true })
  const request = await signRequest({ url: server.url, credentials, service: 'keyspan', path: '/explain', body })
  const { status, text } = await send(server.url, request)
  return { status, all: text, text: status === 200 ? (JSON.parse(text) as { Text: string }).Text : text }
}

async function createKey(Policy?: string, account?: string): Promise<{ arn: string; id: string }> {
  const kms = await kmsClient(server, HOME, account)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }))
  return { arn: KeyMetadata?.Arn ?? '', id: KeyMetadata?.KeyId ?? '' }
}

const encrypt = (KeyId: string) => new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })
const keyOf = (account: string, id = NO_KEY) => `arn:aws:kms:${HOME}:${account}:key/${id}`
const shared = () => ({ region: HOME, endpoint: server.url, maxAttempts: 1 })

describe('A refusal before permissions are asked', () => {
  it('of an operation that never crosses accounts is explained', async () => {
    const { arn } = await createKey()
    const kms = await kmsClient(server, HOME, GUEST)
    const text = await explained(kms.send(new ScheduleKeyDeletionCommand({ KeyId: arn })))
    expect(text).toContain(`kms:ScheduleKeyDeletion is for the key's own account, ${OWNER}`)
    expect(text).toContain(`Remedy:  Ask with credentials of account ${OWNER}`)
  })

  it('of a key, an alias or a ciphertext of another account that is not there is explained', async () => {
    const kms = await kmsClient(server, HOME, GUEST)
    const alias = `arn:aws:kms:${HOME}:${OWNER}:alias/none`
    expect(await explained(kms.send(encrypt(keyOf(OWNER))))).toContain(
      `Account ${OWNER} has no key ${keyOf(OWNER)} in ${HOME}.`,
    )
    expect(await explained(kms.send(encrypt(alias)))).toContain(`Account ${OWNER} has no alias ${alias} in ${HOME}.`)
    const { id } = await createKey()
    const { CiphertextBlob } = await (await kmsClient(server, HOME)).send(encrypt(id))
    const away = await kmsClient(server, AWAY)
    expect(await explained(away.send(new DecryptCommand({ CiphertextBlob })))).toContain(
      `No key in ${AWAY} has the material of this ciphertext`,
    )
  })

  it('of a role to the root user, and of a role that is not there, is explained', async () => {
    const { arn: RoleArn } = await owner.role('Gone')
    const asRoot = new STSClient({ ...shared(), credentials: await server.credentials() })
    const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' })
    expect(await explained(asRoot.send(assume), 'AccessDenied')).toContain('The root user of an account can take on no')
    await owner.iam.send(new DeleteRoleCommand({ RoleName: 'Gone' }))
    const { credentials } = await owner.user(policyOf(allow('sts:*')))
    const text = await explained(new STSClient({ ...shared(), credentials }).send(assume), 'AccessDenied')
    expect(text).toContain(`There is no role ${RoleArn} now: it was deleted on`)
    const never = new AssumeRoleCommand({ RoleArn: `${RoleArn}2`, RoleSessionName: 'session' })
    expect(await explained(new STSClient({ ...shared(), credentials }).send(never), 'AccessDenied')).toContain(
      'none of that name is known to have been deleted',
    )
  })

  it('of credentials that are not served is explained', async () => {
    const { credentials } = await owner.user(policyOf(allow('*')))
    const { Credentials: given } = await new STSClient({ ...shared(), credentials }).send(
      new GetSessionTokenCommand({}),
    )
    const session = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    }
    const iam = new IAMClient({ ...shared(), credentials: session })
    expect(await explained(iam.send(new GetUserCommand({})), 'InvalidClientTokenId')).toContain(
      'IAM serves nothing to credentials of GetSessionToken, whatever policies say.',
    )
    const sts = new STSClient({ ...shared(), credentials: session })
    expect(await explained(sts.send(new GetFederationTokenCommand({ Name: 'bob' })), 'AccessDenied')).toContain(
      'STS does not serve GetFederationToken to temporary credentials of this kind',
    )
  })
})

describe('A policy that is refused', () => {
  const names = (AWS: string) => policyOf(byAccount, allow('kms:Encrypt', { Principal: { AWS } }))
  const put = async (Policy: string) => {
    const { id } = await createKey()
    return (await kmsClient(server, HOME)).send(new PutKeyPolicyCommand({ KeyId: id, Policy }))
  }

  it('is explained with the principal that is not there, and whether it ever was', async () => {
    const malformed = 'MalformedPolicyDocumentException'
    const role = `arn:aws:iam::${OWNER}:role/Former`
    expect(await explained(put(names(role)), malformed)).toContain(
      `There is no role ${role} now: none of that name is known to have been deleted.`,
    )
    await owner.role('Former')
    await owner.iam.send(new DeleteRoleCommand({ RoleName: 'Former' }))
    expect(await explained(put(names(role)), malformed)).toMatch(MOMENT)
    await owner.role('Former')
    await put(names(role))
    expect(await explained(put(names(role.replace('role/', 'role/path/'))), malformed)).toContain(
      `but ${role}: the path`,
    )
  })

  it('is remembered where its message says all', async () => {
    const broken = await refused(put('{"Version": "2012-10-17"}'))
    expect(await askInspector(server, '/explain', { id: broken.id })).toContain(broken.message)
  })

  it('is explained in IAM as well', async () => {
    await owner.role('Trusting')
    const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${GUEST}:user/none` }, Action: 'sts:AssumeRole' }
    const update = new UpdateAssumeRolePolicyCommand({ RoleName: 'Trusting', PolicyDocument: policyOf(trust) })
    expect(await explained(owner.iam.send(update), 'MalformedPolicyDocumentException')).toContain(
      `There is no user arn:aws:iam::${GUEST}:user/none now`,
    )
  })

  it('does not tell what became of a principal of another account', async () => {
    const { arn } = await guest.role('Theirs')
    await guest.iam.send(new DeleteRoleCommand({ RoleName: 'Theirs' }))
    const { id } = await refused(put(names(arn)))
    expect(await askInspector(server, '/explain', { id })).toMatch(MOMENT)
    const { text } = await told(id, OWNER)
    expect(text).toContain(`There is no ${arn} now.`)
    expect(text).not.toContain('deleted')
    expect((await told(id, GUEST)).status).toBe(404)
  })

  it('for it would lock its caller out is explained with the statement that is missing', async () => {
    const { id } = await createKey()
    const user = await owner.user(policyOf(allow('kms:*')))
    const Policy = policyOf(allow('kms:*', { Principal: { AWS: (await owner.user()).arn } }))
    const asked = user.kms(HOME).send(new PutKeyPolicyCommand({ KeyId: id, Policy }))
    const text = await explained(asked, 'MalformedPolicyDocumentException')
    expect(text).toContain('REFUSED  kms:PutKeyPolicy')
    expect(text).toContain(
      'Suppose: the policy that was to be put is in force, and its caller wants to change it again',
    )
    const [, statement = ''] = /^ {2}(\{.*\})$/m.exec(text) ?? []
    const mended = JSON.stringify({ Statement: [JSON.parse(statement), ...JSON.parse(Policy).Statement] })
    await user.kms(HOME).send(new PutKeyPolicyCommand({ KeyId: id, Policy: mended }))
  })
})

describe('Of a refusal between accounts', () => {
  it('each sees its own side, and a third sees nothing', async () => {
    const Condition = { StringEquals: { 'aws:PrincipalTag/secret': 'a', 'kms:EncryptionContext:team': 'b' } }
    const { arn } = await createKey(
      policyOf(byAccount, { Sid: 'Theirs', ...allow('kms:Encrypt', { Principal: '*', Condition }) }),
    )
    const user = await guest.user(policyOf({ Sid: 'Ours', ...allow('kms:Decrypt') }))
    const { id } = await refused(user.kms(HOME).send(encrypt(arn)))
    const ours = (await told(id, GUEST)).text
    expect(ours).toContain(`As far as the policies of account ${GUEST} go, ${user.arn} may not do this either.`)
    expect(ours).not.toMatch(/Theirs|PrincipalTag|team/)
    const theirs = (await told(id, OWNER)).text
    expect(theirs).toContain('Allow statement 1 "Theirs"')
    expect(theirs).toContain('aws:PrincipalTag/secret is of the other account, and not shown; the policy has "a"')
    expect(theirs).not.toContain('Ours')
    expect((await told(id, OTHER)).status).toBe(404)
    const all = await askInspector(server, '/explain', { id, verbose: true })
    expect(all).toContain('Theirs')
    expect(all).toContain('aws:PrincipalTag/secret is absent')
  })

  it('the owner of a key reads what its own side lacks, whatever the other denies', async () => {
    const { arn } = await createKey()
    const user = await guest.user(policyOf({ ...allow('kms:Encrypt'), Effect: 'Deny' }))
    const { id } = await refused(user.kms(HOME).send(encrypt(arn)))
    const { text } = await told(id, OWNER)
    expect(text).toContain('denied: no resource-based policy allows it')
    expect(text).toContain('Remedy:  Add this statement to the key policy:')
    expect(text).not.toContain('Deny statement')
    expect((await told(id, GUEST)).text).toContain('may not do this either')
  })

  it('one that is let in sees why its own side refuses, and nothing of the key', async () => {
    const { arn, id: keyId } = await createKey(policyOf(byAccount, allow('kms:*', { Principal: { AWS: root(GUEST) } })))
    const Tags = [{ TagKey: 'secret', TagValue: 'hidden-value' }]
    await (await kmsClient(server, HOME)).send(new TagResourceCommand({ KeyId: keyId, Tags }))
    const Condition = { StringEquals: { 'aws:ResourceTag/secret': 'guess', 'kms:KeySpec': 'RSA_2048' } }
    const user = await guest.user(policyOf({ Sid: 'Ours', ...allow('kms:Encrypt', { Condition }) }))
    const { id, message } = await refused(user.kms(HOME).send(encrypt(arn)))
    expect(message).toContain('because no identity-based policy allows')
    const { text, all } = await told(id, GUEST)
    expect(text).toContain('Allow statement 0 "Ours"')
    expect(text).toContain('aws:ResourceTag/secret is of the other account, and not shown; the policy has "guess"')
    expect(text).toContain('Resource-based policy: of another account, and not shown')
    expect(all).not.toMatch(/hidden-value|SYMMETRIC|key policy|names its account/)
    expect((await told(id, OWNER)).text).not.toContain('Ours')
  })

  it('one that is not let in cannot tell a key that is there from one that is not', async () => {
    const { arn, id: keyId } = await createKey()
    const Condition = { StringEquals: { 'aws:ResourceTag/secret': 'guess', 'kms:EncryptionContext:team': 'b' } }
    const user = await guest.user(policyOf(allow('kms:Encrypt', { Condition }), allow('kms:Decrypt')))
    const kms = user.kms(HOME)
    const asks = async (request: Promise<unknown>) => (await told((await refused(request)).id, GUEST)).text
    const same = (text: string) => text.replaceAll(keyId, NO_KEY)
    const there = await asks(kms.send(encrypt(arn)))
    expect(same(there)).toBe(await asks(kms.send(encrypt(keyOf(OWNER)))))
    expect(there).toMatch(/may do this if .*team.*secret|may do this if .*secret.*team/)
    const describe = (KeyId: string) => new DescribeKeyCommand({ KeyId })
    expect(same(await asks(kms.send(describe(arn))))).toBe(await asks(kms.send(describe(keyOf(OWNER)))))
    const { CiphertextBlob = new Uint8Array() } = await (await kmsClient(server, HOME)).send(encrypt(keyId))
    const unknown = Buffer.from(CiphertextBlob)
    const { CiphertextBlob: elsewhere } = await (await kmsClient(server, AWAY)).send(encrypt((await awayKey()).id))
    const decrypt = (blob: Uint8Array | undefined) => kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    const hidden = await asks(decrypt(unknown))
    expect(hidden).toBe(await asks(decrypt(elsewhere)))
    expect(hidden).not.toContain(OWNER)
    const mine = await createKey(undefined, GUEST)
    for (const DestinationKeyId of [mine.arn, arn]) {
      const reEncrypt = (CiphertextBlob: Uint8Array | undefined) =>
        kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }))
      expect(await asks(reEncrypt(unknown))).toBe(await asks(reEncrypt(elsewhere)))
    }
    const aliasOf = (name: string) => arn.replace(/:key.*/, `:alias/${name}`)
    const alias = new CreateAliasCommand({ AliasName: 'alias/there', TargetKeyId: keyId })
    await (await kmsClient(server, HOME)).send(alias)
    const byAlias = await asks(kms.send(encrypt(aliasOf('there'))))
    expect(byAlias.replace('alias/there', 'alias/none')).toBe(await asks(kms.send(encrypt(aliasOf('none')))))
    expect(byAlias).not.toContain(keyId)
    const GrantId = randomBytes(32).toString('hex')
    const retire = (KeyId: string) => kms.send(new RetireGrantCommand({ KeyId, GrantId }))
    expect(same(await asks(retire(arn)))).toBe(await asks(retire(keyOf(OWNER))))
  })

  it('a role that does not trust and one that is not there are the same to the caller', async () => {
    const { arn } = await owner.role('Closed')
    const { credentials } = await guest.user(policyOf(allow('sts:AssumeRole')))
    const sts = new STSClient({ ...shared(), credentials })
    const asks = async (RoleArn: string) => {
      const { id } = await refused(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' })))
      return (await told(id, GUEST)).text
    }
    const text = await asks(arn)
    expect(text.replaceAll(arn, 'X')).toBe((await asks(`${arn}2`)).replaceAll(`${arn}2`, 'X'))
    expect(text).toContain('may do this.\n')
    const trust = allow('sts:AssumeRole', { Principal: { AWS: root(GUEST) }, Resource: undefined })
    const PolicyDocument = policyOf(trust)
    await owner.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Closed', PolicyDocument }))
    const nobody = new STSClient({ ...shared(), credentials: (await guest.user()).credentials })
    const asksAsNobody = async (RoleArn: string) => {
      const { id } = await refused(nobody.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' })))
      return (await told(id, GUEST)).text.replaceAll(RoleArn, 'X')
    }
    expect(await asksAsNobody(arn)).toBe(await asksAsNobody(`${arn}2`))
  })
})

async function awayKey() {
  const { KeyMetadata } = await (await kmsClient(server, AWAY)).send(new CreateKeyCommand({}))
  return { id: KeyMetadata?.KeyId ?? '' }
}

describe('Refusals', () => {
  it('of an organization say who may do it', async () => {
    const clientOf = async (account?: string) =>
      new OrganizationsClient({ ...shared(), credentials: await server.credentials(account) })
    const manager = await clientOf()
    const member = await clientOf(GUEST)
    await manager.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    const Target = { Id: GUEST, Type: 'ACCOUNT' as const }
    const { Handshake } = await manager.send(new InviteAccountToOrganizationCommand({ Target }))
    const HandshakeId = Handshake?.Id ?? ''
    expect(await explained(member.send(new CancelHandshakeCommand({ HandshakeId })))).toContain(
      `That is for the account that invited, ${OWNER}.`,
    )
    await member.send(new AcceptHandshakeCommand({ HandshakeId }))
    expect(await explained(member.send(new ListRootsCommand({})))).toContain(
      `Account ${GUEST} does not manage the organization`,
    )
  })

  it('are listed, the newest first, by caller, key and Region', async () => {
    const { arn, id: keyId } = await createKey()
    const role = await owner.role('Listed')
    const { id: first } = await refused(role.kms(HOME).send(encrypt(keyId)))
    const { id: second } = await refused(role.kms(HOME).send(new DescribeKeyCommand({ KeyId: keyId })))
    const list = async (more: object) => {
      const asked = { caller: null, resource: null, region: null, limit: 20, ...more }
      const { refusals } = (await askControl(server, '/refusals', asked)) as { refusals: { id: string }[] }
      return refusals.map(({ id }) => id)
    }
    expect(await list({ caller: role.arn })).toEqual([second, first])
    expect(await list({ resource: keyId, limit: 1 })).toEqual([second])
    expect(await list({ resource: arn })).toEqual([second, first])
    expect(await list({ resource: arn, region: AWAY })).toEqual([])
  })

  it('of one account do not push out another’s', async () => {
    const { id: keyId } = await createKey()
    const user = await owner.user()
    const { id } = await refused(user.kms(HOME).send(encrypt(keyId)))
    const loud = (await guest.user()).kms(HOME)
    const own = await createKey(undefined, GUEST)
    for (let round = 0; round < 60; round += 1) {
      await Promise.allSettled(Array.from({ length: 20 }, () => loud.send(encrypt(own.id))))
    }
    expect(await askInspector(server, '/explain', { id })).toContain('REFUSED  kms:Encrypt')
    const asked = { caller: null, resource: own.id, region: null, limit: 1000 }
    const { refusals } = (await askControl(server, '/refusals', asked)) as { refusals: unknown[] }
    expect(refusals.length).toBe(1000)
  })
})

it('An error never says what is behind it', async () => {
  const { arn } = await createKey()
  const error: unknown = await (
    await guest.user()
  )
    .kms(HOME)
    .send(encrypt(arn))
    .catch((reason: unknown) => reason)
  if (!(error instanceof KMSServiceException)) throw new Error('The request was not refused.')
  expect(Object.keys(error)).not.toContain('because')
  expect(error.message).not.toContain(OWNER)
})

it('A refusal is there after a restart, for a day and more, and no longer than seven', async () => {
  const { id: keyId } = await createKey()
  const user = await owner.user()
  const { id } = await refused(user.kms(HOME).send(encrypt(keyId)))
  const before = await askInspector(server, '/explain', { id, verbose: true })
  await server.restart()
  expect(await askInspector(server, '/explain', { id, verbose: true })).toBe(before)
  await advanceClock(server, '2d')
  await server.restart()
  expect((await told(id, OWNER)).text).toBe(before)
  await advanceClock(server, '6d')
  await server.restart()
  await expect(askInspector(server, '/explain', { id })).rejects.toThrow(`No refusal of request ${id} is remembered`)
})

it('A refusal is there after the process was killed, and so is what was damaged passed over', async () => {
  await using killed = await createServerProcess('--regions', HOME)
  await killed.start()
  const refuse = async () => {
    const sts = new STSClient({ region: HOME, endpoint: killed.url, credentials: await killed.credentials() })
    const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${OWNER}:role/None`, RoleSessionName: 'session' })
    return (await refused(sts.send(assume))).id
  }
  const first = await refuse()
  const written = () => new DatabaseSync(join(killed.path, 'refusals.sqlite'), { readOnly: true })
  await vi.waitUntil(() => {
    using file = written()
    return file.prepare('select 1 from refusal where id = ?').get(first) !== undefined
  }, 10_000)
  await killed.kill()
  await killed.start()
  expect(await askInspector(killed, '/explain', { id: first })).toContain('can take on no role')
  await killed.kill()
  for (const end of ['-wal', '-shm']) await rm(join(killed.path, `refusals.sqlite${end}`), { force: true })
  await truncate(join(killed.path, 'refusals.sqlite'), 5000)
  await killed.start()
  const second = await refuse()
  expect(await askInspector(killed, '/explain', { id: second })).toContain('can take on no role')
})

describe('keyspan explain without an id', () => {
  const keyspan = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [MAIN, 'explain', ...args, '--data', server.path])

  it('lists the newest refusals for people and for programs', async () => {
    const { arn, id: keyId } = await createKey()
    const again = await principalsOf(server, HOME)
    const user = await again.user()
    const { id } = await refused(user.kms(HOME).send(encrypt(keyId)))
    const { stdout } = await keyspan('--as', user.arn)
    expect(stdout).toMatch(
      new RegExp(
        `^${id}  \\d{4}-\\d\\d-\\d\\d [\\d:]{8}  kms:Encrypt in ${HOME}\\n  for  ${user.arn}\\n  on   ${arn}\\n`,
      ),
    )
    expect(stdout).toContain('keyspan explain and an id says why.')
    const lines = (await keyspan('--key', keyId, '--last', '1', '--output', 'json')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id, operation: 'kms:Encrypt', caller: user.arn, region: HOME, resource: arn, code: 'AccessDeniedException' },
    ])
    expect((await keyspan('--as', `${user.arn}-other`)).stdout).toContain('No such refusal is remembered.')
    await expect(keyspan('--last', 'many')).rejects.toThrow('Give a number up to 1000.')
  })
})
