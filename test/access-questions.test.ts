import { AttachUserPolicyCommand, CreatePolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal, type TestPrincipals } from './clients/principals.ts'
import { createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { send, signRequest, type RequestPlan } from './signed-request.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
const root = (account: string) => `arn:aws:iam::${account}:root`
const byAccount = allow('kms:*', { Principal: { AWS: root(OWNER) } })

let server: TestServer
let owner: TestPrincipals
let guest: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  owner = await principalsOf(server, HOME)
  guest = await principalsOf(server, HOME, GUEST)
})
afterAll(() => server[Symbol.asyncDispose]())

type Asker = string | Pick<TestPrincipal, 'credentials'>
type Answer = Readonly<Record<string, any>> // oxlint-disable-line typescript/no-explicit-any -- what the wire says

/** Asks the service `keyspan`, as the root user of an account or as somebody. */
async function ask(path: string, input: object, as: Asker = OWNER, region = HOME) {
  const credentials: RequestPlan['credentials'] =
    typeof as === 'string' ? await server.credentials(as === OWNER ? undefined : as) : as.credentials
  const plan = { url: server.url, credentials, region, service: 'keyspan', path, body: JSON.stringify(input) }
  const { status, text } = await send(server.url, await signRequest(plan))
  return { status, text, answer: JSON.parse(text) as Answer }
}

async function createKey(
  statements: readonly object[] = [byAccount],
  more: { MultiRegion?: boolean } = {},
  account?: string,
) {
  const kms = await kmsClient(server, HOME, account)
  const input = { Policy: policyOf(...statements), BypassPolicyLockoutSafetyCheck: true, ...more }
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

const encrypt = (KeyId: string, EncryptionContext?: Record<string, string>) =>
  new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionContext })
const ignored = (request: Promise<unknown>) => request.catch(() => null)

/** The refusals that an account sees of a key, once there are so many. */
const refusalsOf = (as: Asker, count: number, filter: object = {}) =>
  vi.waitFor(async () => {
    const { answer } = await ask('/refusals', filter, as)
    expect(answer['Refusals']).toHaveLength(count)
    return answer['Refusals'] as readonly Answer[]
  }, 15_000)

describe('ListRefusals', () => {
  it('lists those of a key of the account, with the id by which each is explained', async () => {
    const ada = await owner.user()
    const { arn, id } = await createKey()
    await ignored(ada.kms(HOME).send(encrypt(id)))
    const [refusal] = await refusalsOf(OWNER, 1, { KeyId: id })
    expect(refusal).toMatchObject({ Operation: 'kms:Encrypt', Caller: ada.arn, Region: HOME, Resource: arn })
    const { answer } = await ask('/explain', { RequestId: refusal?.['RequestId'] as string })
    expect(answer['Text']).toContain(`REFUSED  kms:Encrypt on ${arn}`)
    expect(answer['Explanation'].permissions[0].steps[0].remedies[0]).toMatchObject({ kind: 'policy', change: 'add' })
    await refusalsOf(OWNER, 0, { KeyId: id, Caller: `${ada.arn}x` })
    await refusalsOf(OWNER, 0, { KeyId: id, Region: AWAY })
  })

  it('goes on, page by page', async () => {
    const ada = await owner.user()
    const { id } = await createKey()
    for (let round = 0; round < 3; round += 1) await ignored(ada.kms(HOME).send(encrypt(id)))
    const all = await refusalsOf(OWNER, 3, { KeyId: id })
    const first = await ask('/refusals', { KeyId: id, MaxResults: 2 })
    const second = await ask('/refusals', { KeyId: id, MaxResults: 2, NextToken: first.answer['NextToken'] })
    expect([...first.answer['Refusals'], ...second.answer['Refusals']]).toEqual(all)
    expect(second.answer['NextToken']).toBeUndefined()
  })

  it('shows each account its own side: a caller that is not let in learns nothing of the key', async () => {
    const bob = await guest.user(policyOf(allow('kms:*')))
    const { id, arn } = await createKey()
    const kms = await kmsClient(server, HOME)
    const { CiphertextBlob } = await kms.send(encrypt(id))
    await ignored(bob.kms(HOME).send(new DecryptCommand({ CiphertextBlob })))
    const [seen] = await refusalsOf(OWNER, 1, { KeyId: id })
    expect(seen).toMatchObject({ Caller: bob.arn, Resource: arn })
    const theirs = await refusalsOf(GUEST, 1, { Caller: bob.arn })
    expect(JSON.stringify(theirs)).not.toContain(id)
    await refusalsOf(GUEST, 0, { KeyId: arn })
  })

  it('shows nothing of what is between others', async () => {
    const bob = await guest.user()
    const key = await createKey([allow('kms:*', { Principal: { AWS: root(GUEST) } })], {}, GUEST)
    await ignored(bob.kms(HOME).send(encrypt(key.id)))
    await refusalsOf(GUEST, 1, { KeyId: key.arn })
    const { text } = await ask('/refusals', {})
    expect(text).not.toContain(key.id)
  })
})

describe('WhoCan', () => {
  it('says for principals of the account, action by action and Region by Region, yes, no and if', async () => {
    const Condition = { StringEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const ada = await owner.user(policyOf(allow('kms:Encrypt'), allow('kms:Decrypt', { Condition })))
    const { id, arn } = await createKey([byAccount], { MultiRegion: true })
    const kms = await kmsClient(server, HOME)
    await kms.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), id, 'Enabled')
    const Actions = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReplicateKey']
    const { answer } = await ask('/who-can', { KeyId: arn, Principals: [ada.arn], Actions })
    expect(answer['Regions']).toEqual([AWAY, HOME].toSorted((a, b) => Number(b === HOME) - Number(a === HOME)))
    const [row] = answer['Rows']
    expect(row.Principal).toBe(ada.arn)
    const told = Object.fromEntries(
      row.Answers.map((each: Answer) => [`${each['Action']} ${each['Region']}`, each['When'] ?? each['Access']]),
    )
    expect(told).toEqual({
      [`kms:Encrypt ${HOME}`]: 'yes',
      [`kms:Encrypt ${AWAY}`]: 'yes',
      [`kms:Decrypt ${HOME}`]: expect.stringContaining('kms:EncryptionContext:team is payments'),
      [`kms:Decrypt ${AWAY}`]: expect.stringContaining('kms:EncryptionContext:team is payments'),
      [`kms:ReplicateKey ${HOME}`]: 'no',
      [`kms:ReplicateKey ${AWAY}`]: 'none',
    })
  })

  it('names nobody of another account that the key does not name, and nothing of its policies', async () => {
    const named = await guest.user()
    const unnamed = await guest.user(policyOf(allow('kms:*')))
    const { id } = await createKey([
      byAccount,
      allow('kms:Encrypt', { Principal: { AWS: named.arn } }),
      allow('kms:Decrypt', { Principal: { AWS: root(GUEST) } }),
    ])
    const { answer, text } = await ask('/who-can', { KeyId: id, Actions: ['Encrypt', 'Decrypt'] })
    expect(text).not.toContain(unnamed.arn)
    const rows = answer['Rows'] as readonly Answer[]
    const accessOf = (name: string) =>
      rows.find((each) => each['Principal'] === name)?.['Answers'].map((each: Answer) => each['Access'])
    expect(accessOf(`whoever account ${GUEST} lets`)).toEqual(['no', 'yes'])
    // It has no policy of its own that lets it: that is not for this account to know.
    expect(rows.filter((each) => String(each['Principal']).includes(GUEST)).length).toBe(1)
    const only = await createKey([byAccount, allow('kms:Encrypt', { Principal: { AWS: named.arn } })])
    const { answer: other } = await ask('/who-can', {
      KeyId: only.id,
      Actions: ['Encrypt'],
      Principals: ['*user/user-*'],
    })
    const theirs = (other['Rows'] as readonly Answer[]).find((each) => each['Principal'] === named.arn)
    expect(theirs?.['Answers'][0]['Access']).toBe('yes')
  })

  it('says nothing of a key of another account, whether it is there or not', async () => {
    const { arn } = await createKey()
    const absent = arn.replace(/key\/.*/, 'key/00000000-0000-4000-8000-000000000000')
    const [there, gone] = [
      await ask('/who-can', { KeyId: arn }, GUEST),
      await ask('/who-can', { KeyId: absent }, GUEST),
    ]
    expect(there.status).toBe(404)
    expect(gone.text.replaceAll(absent, arn)).toBe(there.text)
  })

  it('takes a pattern that costs a regular expression dearly', async () => {
    const { id } = await createKey()
    const Principals = Array.from({ length: 100 }, () => `${'*a'.repeat(1000)}!`)
    expect((await ask('/who-can', { KeyId: id, Principals })).answer['Rows']).toEqual([])
  })
})

describe('SimulateRequest', () => {
  it('says what would become of a request, why, and what helps, and does nothing', async () => {
    const ada = await owner.user()
    const { id, arn } = await createKey()
    const asked = { Principal: ada.arn, Operation: 'Encrypt', KeyId: id }
    const { answer } = await ask('/simulate', asked)
    expect(answer).toMatchObject({ Allowed: false, Assumed: ['EncryptionAlgorithm "SYMMETRIC_DEFAULT"'] })
    expect(answer['Text']).toContain('Give user')
    const kms = await kmsClient(server, HOME)
    await kms.send(new CreateGrantCommand({ KeyId: id, GranteePrincipal: ada.arn, Operations: ['Encrypt'] }))
    expect((await ask('/simulate', { ...asked, KeyId: arn })).answer).toMatchObject({ Allowed: true })
  })

  it.each([
    ['a principal of another account', { Principal: root(GUEST) }, GUEST],
    [
      'a key of another account',
      { KeyId: `arn:aws:kms:${HOME}:${GUEST}:key/00000000-0000-4000-8000-000000000000` },
      GUEST,
    ],
    ['an input that names another account', { Input: { GrantTokens: [root(GUEST)] } }, GUEST],
    ['an operation of another service', { Operation: 'sts:AssumeRole' }, 'sts:AssumeRole'],
    ['an operation that there is not', { Operation: 'Encrpyt' }, 'Did you mean Encrypt?'],
    ['nobody', { Principal: 'ada' }, 'is no ARN'],
    ['a user that there is not', { Principal: `arn:aws:iam::${OWNER}:user/nobody` }, 'is no root user, user or role'],
  ])('refuses %s', async (_name, more, words) => {
    const { id } = await createKey()
    const { status, text } = await ask('/simulate', {
      Principal: root(OWNER),
      Operation: 'Encrypt',
      KeyId: id,
      ...more,
    })
    expect([400, 404]).toContain(status)
    expect(text).toContain(words)
  })

  it('refuses a ciphertext of a key of another account', async () => {
    const theirs = await createKey([allow('kms:*', { Principal: { AWS: root(GUEST) } })], {}, GUEST)
    const { CiphertextBlob } = await (await kmsClient(server, HOME, GUEST)).send(encrypt(theirs.id))
    const Input = { CiphertextBlob: Buffer.from(CiphertextBlob ?? []).toString('base64') }
    const { status, text } = await ask('/simulate', { Principal: root(OWNER), Operation: 'Decrypt', Input })
    expect(text).not.toContain(theirs.id)
    expect(status).toBe(400)
  })
})

describe('ComparePolicy', () => {
  it('says who gains, who loses, and which recorded calls would have been refused', async () => {
    const [writer, reader, friend] = [
      await owner.user(),
      await owner.user(),
      await guest.user(policyOf(allow('kms:*'))),
    ]
    const toFriend = allow('kms:Encrypt', { Principal: { AWS: friend.arn } })
    const toWriter = allow('kms:Encrypt', { Principal: { AWS: writer.arn } })
    const { id, arn } = await createKey([byAccount, toWriter, toFriend])
    await writer.kms(HOME).send(encrypt(id, { team: 'hr' }))
    await writer.kms(HOME).send(encrypt(id, { team: 'hr' }))
    await friend.kms(HOME).send(encrypt(arn))
    const Policy = policyOf(byAccount, allow('kms:Decrypt', { Principal: { AWS: reader.arn } }))
    const answer = await vi.waitFor(async () => {
      const { answer: told } = await ask('/compare-policy', { KeyId: id, Policy })
      expect(told['RecordedCalls']?.Calls).toBe(3)
      return told
    }, 5000)
    const told = answer['Differences'].map((each: Answer) => `${each['Principal']} ${each['Change']} ${each['Action']}`)
    expect(told.toSorted()).toEqual(
      [
        `${writer.arn} loses kms:Encrypt`,
        `${friend.arn} loses kms:Encrypt`,
        `${reader.arn} gains kms:Decrypt`,
      ].toSorted(),
    )
    const refused = answer['RecordedCalls'].Refused.map((each: Answer) => [each['Principal'], each['Calls']])
    expect(refused).toEqual([
      [writer.arn, 2],
      [friend.arn, 1],
    ])
  })

  it('says what is wrong with a policy, and changes nothing', async () => {
    const { id } = await createKey()
    const { status, text } = await ask('/compare-policy', { KeyId: id, Policy: '{"Statement": 1}' })
    expect(status).toBe(400)
    expect(text).toContain('The new policy cannot be read')
    expect((await ask('/compare-policy', { KeyId: id, Policy: '{}', NextToken: 'x' })).text).toContain('NextToken')
  })
})

describe('Each operation', () => {
  it.each([
    ['/refusals', 'ListRefusals', () => ({})],
    ['/who-can', 'WhoCan', (KeyId: string) => ({ KeyId })],
    ['/simulate', 'SimulateRequest', (KeyId: string) => ({ Principal: root(OWNER), Operation: 'Encrypt', KeyId })],
    ['/compare-policy', 'ComparePolicy', (KeyId: string) => ({ KeyId, Policy: policyOf(byAccount) })],
  ] as const)('has its permission: %s', async (path, name, inputOf) => {
    const ada = await owner.user()
    const { id } = await createKey()
    const refused = await ask(path, inputOf(id), ada)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain(`keyspan:${name}`)
    const statement = policyOf(allow(`keyspan:${name}`))
    const { Policy } = await owner.iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: statement }))
    await owner.iam.send(new AttachUserPolicyCommand({ UserName: ada.name, PolicyArn: Policy?.Arn }))
    expect((await ask(path, inputOf(id), ada)).status).toBe(200)
  })

  it('keeps an account’s questions few at a time', async () => {
    const { id } = await createKey()
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => ask('/who-can', { KeyId: id, Actions: ['all'] })),
    )
    const codes = new Set(answers.map(({ status }) => status))
    expect(codes).toEqual(new Set([200, 400]))
    expect(answers.find(({ status }) => status === 400)?.text).toContain('wait for each other')
    expect((await ask('/who-can', { KeyId: id })).status).toBe(200)
  })
})
