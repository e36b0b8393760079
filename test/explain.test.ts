import {
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  KMSServiceException,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { EXISTING, importInto, NEW } from './clients/import.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from './clients/principals.ts'
import { advanceClock, askInspector, createAccount, pauseReplication } from './control.ts'
import { PUBLISHED } from './policy/published.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { MAIN } from './program/program.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const root = (account: string) => `arn:aws:iam::${account}:root`

let server: TestServer
let owner: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  owner = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

const allow = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more })
const byAccount = allow('kms:*', { Principal: { AWS: root(OWNER) } })

async function createKey(input: { Policy?: string; MultiRegion?: boolean; Origin?: 'EXTERNAL' } = {}) {
  const kms = await kmsClient(server, HOME)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ ...input, BypassPolicyLockoutSafetyCheck: true }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

const encrypt = (kms: KMSClient, KeyId: string, EncryptionContext: Record<string, string> = {}) =>
  kms.send(new EncryptCommand({ KeyId, EncryptionContext, Plaintext: Buffer.from('x') }))

/** What the server says of a refusal, by the id that came with it. */
async function explained(request: Promise<unknown>, verbose = false): Promise<string> {
  const error: unknown = await request.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof KMSServiceException)) throw new Error('The request was not refused.')
  expect(error.name).toBe('AccessDeniedException')
  const text = await askInspector(server, '/explain', { id: error.$metadata.requestId, verbose })
  if (process.env['KEYSPAN_SHOW'] === '1') console.log(`${error.message}\n\n${text}\n`)
  return text
}

/** Runs `keyspan` as a person would. */
async function keyspan(...args: readonly string[]) {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [MAIN, ...args])) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

describe('The explanation of a refusal', () => {
  it('shows everything that had a say to whoever wants to see it', async () => {
    const application = await owner.user()
    const { id } = await createKey({ Policy: policyOf(allow('kms:*', { Principal: { AWS: application.arn } })) })
    const administrator = await owner.user(policyOf(allow('*')))
    const refused = await encrypt(administrator.kms(HOME), id).catch((error: unknown) => error)
    expect(await explained(Promise.reject(refused))).not.toContain('Identity-based policies')
    const all = await explained(Promise.reject(refused), true)
    expect(all).toContain('+ Identity-based policies')
    expect(all).toContain(`"${application.arn}" does not name the caller`)
    expect(all).toContain('The resource-based policy does not leave this to the policies of the account.')
  })

  it('tells which Regions kms:ReplicaRegion leaves', async () => {
    const text = PUBLISHED.find(({ name }) => name === 'restrict replication to two Regions')?.text ?? ''
    const third = '123456789012'
    await createAccount(server, third)
    await (await principalsOf(server, HOME, third)).role('MyApplicationRole')
    const kms = await kmsClient(server, HOME, third)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true, Policy: text }))
    const replicate = new ReplicateKeyCommand({ KeyId: KeyMetadata?.KeyId, ReplicaRegion: 'us-west-2' })
    const lines = (await explained(kms.send(replicate))).split('\n')
    expect(lines.slice(2, 4)).toEqual([
      'Why:     Deny statement 2 "Restrict replication to specific regions" of the key policy forbids it, because ' +
        'kms:ReplicaRegion is not eu-west-1 or ap-southeast-1 (the request has "us-west-2").',
      'Remedy:  Ask so that kms:ReplicaRegion is eu-west-1 or ap-southeast-1.',
    ])
  })

  it('tells that the Region of a replica asks for a permission too, and which Regions are allowed', async () => {
    const { id } = await createKey({ MultiRegion: true })
    const Condition = { StringEquals: { 'aws:RequestedRegion': HOME } }
    const user = await owner.user(policyOf(allow('kms:*', { Condition })))
    const text = await explained(user.kms(HOME).send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY })))
    expect(text).toContain(
      `REFUSED  kms:CreateKey in ${AWAY}, which the request to ${HOME} needs too\nfor      ${user.arn}\n` +
        'Why:     Statement 0 of inline policy inline of ' +
        `user ${user.name} would allow it if aws:RequestedRegion is ${HOME} (the request has "${AWAY}").`,
    )
  })

  it('tells why a grant on the key does not count', async () => {
    const { id } = await createKey()
    const home = await kmsClient(server, HOME)
    const user = await owner.user()
    const Constraints = { EncryptionContextSubset: { team: 'payments' } }
    const grant = { KeyId: id, GranteePrincipal: user.arn, Constraints, Operations: ['Encrypt' as const] }
    await home.send(new CreateGrantCommand(grant))
    await encrypt(user.kms(HOME), id, { team: 'payments' })
    expect(await explained(encrypt(user.kms(HOME), id, { team: 'hr' }))).toContain(
      'its EncryptionContextSubset "team=payments" is not met, as the request has "team=hr"',
    )
    const further = user.kms(HOME).send(new CreateGrantCommand({ ...grant, GranteePrincipal: root(OWNER) }))
    expect(await explained(further)).toContain('it permits Encrypt, not CreateGrant')
    const asked = { as: user.arn, operation: 'Decrypt', key: (await createKey()).arn, region: HOME, context: {} }
    expect(await askInspector(server, '/hypothesis', asked)).not.toContain('Grant ')
    const decrypt = { ...asked, key: `arn:aws:kms:${HOME}:${OWNER}:key/${id}` }
    expect(await askInspector(server, '/hypothesis', decrypt)).toContain('it permits Encrypt, not Decrypt')
  })

  it('is still there when the key is not', async () => {
    const { id, arn } = await createKey()
    const user = await owner.user()
    const refused = await encrypt(user.kms(HOME), id).catch((error: unknown) => error)
    await (await kmsClient(server, HOME)).send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }))
    await advanceClock(server, '8d')
    await expect(askInspector(server, '/family', { key: arn })).rejects.toThrow('does not exist')
    expect(await explained(Promise.reject(refused))).toContain('REFUSED  kms:Encrypt')
  })
})

describe('keyspan', () => {
  it('refuses what a request could not have, and says what was meant', async () => {
    const { arn } = await createKey()
    const asked = { as: root(OWNER), operation: 'Decrypt', key: arn, region: HOME }
    const failing = (more: object) =>
      askInspector(server, '/hypothesis', { ...asked, ...more }).catch((error: unknown) => String(error))
    expect(await failing({ input: { DryRn: true } })).toContain('Decrypt has no member "DryRn". Did you mean DryRun?')
    expect(await failing({ context: { 'kms:EncryptionContex:a': '1' } })).toContain('is no condition key.')
    expect(await failing({ context: { 'foo:bar': '1' } })).toContain('"foo:bar" is no condition key.')
    expect(await failing({ sourceIp: '999.1.1.1' })).toContain('"999.1.1.1" is no IP address.')
    expect(await failing({ as: root('999999999999') })).toContain('is no root user, user or role of this server.')
  })

  it('tells of a destination that is not there', async () => {
    const { arn } = await createKey()
    const asked = ['--as', root(OWNER), '--operation', 'ReEncrypt', '--key', arn, '--region', HOME]
    const { code, stdout } = await keyspan(
      'explain',
      ...asked,
      '--destination-key',
      'alias/none',
      '--data',
      server.path,
    )
    expect(code).toBe(1)
    expect(stdout).toContain('NotFoundException')
  })

  it('explains what would be refused, at the command line', async () => {
    const { arn } = await createKey()
    const user = await owner.user()
    // The ARN says the Region.
    const asked = ['--as', user.arn, '--operation', 'Encrypt', '--key', arn]
    const { code, stdout } = await keyspan('explain', ...asked, '--data', server.path)
    expect(code).toBe(1)
    expect(stdout).toContain(`Remedy:  Give user ${user.name} a policy with this statement:`)
    const { stdout: json } = await keyspan('explain', ...asked, '--output', 'json', '--data', server.path)
    expect(JSON.parse(json)).toMatchObject({
      allowed: false,
      permissions: [{ action: 'kms:Encrypt', resource: arn, region: HOME, caller: user.arn, isEnough: true }],
    })
    expect(await keyspan('explain', 'nothing', '--data', server.path)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No refusal of request nothing is remembered.'),
    })
  })

  it('checks policies, and says where one is broken and how to mend it', async () => {
    const whole = PUBLISHED.find(({ name }) => name === 'restrict replication to two Regions')?.text ?? ''
    const broken = PUBLISHED.find(({ name }) => name === 'deny creating multi-Region keys, as published')?.text ?? ''
    const [good, bad] = [join(server.path, 'good.json'), join(server.path, 'bad.json')]
    await writeFile(good, whole)
    await writeFile(bad, broken)
    expect(await keyspan('policy', 'check', good)).toMatchObject({ code: 0, stdout: `${good} is a good key policy.\n` })
    const { code, stdout } = await keyspan('policy', 'check', bad, '--kind', 'identity')
    expect(code).toBe(1)
    expect(stdout).toMatch(/bad\.json:8:\d+: ERROR JSON_SYNTAX_ERROR: Fix the JSON syntax error at .*Bool.*\n$/)
  })

  it('shows related keys side by side', async () => {
    const { id, arn } = await createKey({ MultiRegion: true })
    const home = await kmsClient(server, HOME)
    const Policy = policyOf(byAccount)
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY, Policy }))
    await untilState(await kmsClient(server, AWAY), id, 'Enabled')
    const { stdout } = await keyspan('mrk', 'show', arn, '--data', server.path)
    const row = (name: string) =>
      stdout
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(/\s+/)
    expect(row('role')).toEqual(['role', 'primary', 'replica', 'differs'])
    expect(row('policy')?.at(-1)).toBe('differs')
    expect(row('material')?.[1]).toBe(row('material')?.[2])
    await home.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }))
    expect((await keyspan('mrk', 'show', arn, '--data', server.path)).stdout).toContain(
      `${arn} waits to be deleted until these are: ${AWAY}.`,
    )
  })

  it('shows how the policies of related keys differ', async () => {
    const { id, arn } = await createKey({ MultiRegion: true, Policy: policyOf(byAccount) })
    const more = { Sid: 'More', ...allow('kms:Encrypt', { Principal: '*' }) }
    const Policy = JSON.stringify(JSON.parse(policyOf(byAccount, more)), null, 7)
    await (await kmsClient(server, HOME)).send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY, Policy }))
    await untilState(await kmsClient(server, AWAY), id, 'Enabled')
    const { stdout } = await keyspan('mrk', 'show', arn, '--diff', '--data', server.path)
    expect(stdout).toContain(
      [
        `--- policy in ${HOME}`,
        `+++ policy in ${AWAY}`,
        '        },',
        '        "Action": "kms:*",',
        '        "Resource": "*"',
        '+     },',
        '+     {',
        '+       "Sid": "More",',
        '+       "Effect": "Allow",',
        '+       "Principal": "*",',
        '+       "Action": "kms:Encrypt",',
        '+       "Resource": "*"',
        '      }',
        '    ]',
        '  }',
      ].join('\n'),
    )
    const { stdout: json } = await keyspan('mrk', 'show', arn, '--diff', '--output', 'json', '--data', server.path)
    expect(JSON.parse(json)).toMatchObject({
      regions: [HOME, AWAY],
      drifts: [{ from: HOME, to: AWAY }],
      waits: [],
      troubles: [],
    })
  })

  it('shows replicas that are on their way', async () => {
    const { id, arn } = await createKey({ MultiRegion: true })
    await pauseReplication(server, true)
    await (await kmsClient(server, HOME)).send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    expect(await askInspector(server, '/family', { key: arn, diff: true })).toMatch(
      new RegExp(
        `A replica in ${AWAY} is on its way: that Region has not heard of it yet. Since .*Z\\.\n` +
          `${AWAY} has yet to hear 2 messages from ${HOME}: nothing passes between them now. Since .*Z\\.\n\n` +
          'The policies do not differ.',
      ),
    )
    await pauseReplication(server, false)
    await untilState(await kmsClient(server, AWAY), id, 'Enabled')
    await vi.waitFor(async () =>
      expect(await askInspector(server, '/family', { key: arn })).not.toContain('on its way'),
    )
  })

  it('shows where imported material is, and where a rotation waits for it', async () => {
    const { id, arn } = await createKey({ MultiRegion: true, Origin: 'EXTERNAL' })
    const [home, away] = await Promise.all([kmsClient(server, HOME), kmsClient(server, AWAY)])
    const show = async () => (await keyspan('mrk', 'show', arn, '--data', server.path)).stdout
    const row = (text: string, name: string) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(/\s+/)
    const ValidTo = new Date(Math.floor(Date.now() / 1000 + 60 * 86_400) * 1000)
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const firstId = await importInto(home, id, first, { ValidTo })
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await untilState(away, id, 'PendingImport')
    const created = await show()
    expect(row(created, 'imported')).toEqual(['imported', '1', 'of', '1', '0', 'of', '1', 'differs'])
    expect(row(created, 'missing')).toEqual(['missing', '-', firstId?.slice(0, 12), 'differs'])
    expect(row(created, 'expires')).toEqual(['expires', ValidTo.toISOString(), '-', 'differs'])
    expect(created).not.toContain('waits')
    await importInto(away, id, first)
    const secondId = await importInto(home, id, second, NEW)
    const waits = `${arn} waits to rotate until the new material ${secondId?.slice(0, 12)} is imported in: ${AWAY}.`
    await vi.waitFor(async () => {
      const staged = await show()
      expect(row(staged, 'imported')).toEqual(['imported', '2', 'of', '2', '1', 'of', '2', 'differs'])
      expect(row(staged, 'missing')).toEqual(['missing', '-', secondId?.slice(0, 12), 'differs'])
      expect(staged).toContain(waits)
    }, 10_000)
    await importInto(away, id, second, EXISTING)
    const ready = `${arn} waits for RotateKeyOnDemand: the new material ${secondId?.slice(0, 12)} is imported everywhere.`
    await vi.waitFor(async () => expect(await show()).toContain(ready), 10_000)
    await home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    expect(await show()).not.toContain('waits')
  })
})
