import {
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { importInto } from './clients/import.ts'
import { kmsClient } from './clients/kms-client.ts'
import { principalsOf } from './clients/principals.ts'
import { runTool } from './clients/tools.ts'
import { advanceClock, askControl, createAccount } from './control.ts'
import { exampleFile } from './examples/companions.ts'
import { freePort } from './free-port.ts'
import { MAIN } from './program/program.ts'
import { READY_MADE } from '../src/server/alarms/ready-made.ts'
import { createServerProcess } from './server-process.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { startReceiver, type Received } from './webhook-receiver.ts'

const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const OTHER_SECRET = `whsec_${randomBytes(24).toString('base64')}`
const WAIT = { timeout: 15_000, interval: 20 }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  await writeFile(join(directory, 'secret'), `${SECRET}\n`)
  await writeFile(join(directory, 'other'), OTHER_SECRET)
})
afterAll(() => rm(directory, { recursive: true }))

/** A configuration file with alarms; its targets have the secret unless they say otherwise. */
async function config(alarms: readonly object[], targets: readonly object[] = []): Promise<string> {
  const path = join(directory, `${randomBytes(8).toString('hex')}.json`)
  const secrets = [{ file: join(directory, 'secret') }]
  const all = targets.map((target) => ('url' in target ? { secrets, ...target } : target))
  await writeFile(path, JSON.stringify({ alarms, 'alarm-targets': all }))
  return path
}

const alarm = (name: string, when: string, to: string | readonly string[] = 'hook') => ({ name, when, to })
const namesIn = (received: readonly Received[]) => received.map(({ alarms }) => alarms.join())
const keyIn = ({ event }: Received) => (event.detail['resources'] as { ARN: string }[] | undefined)?.[0]?.ARN

async function createKey(kms: KMSClient): Promise<string> {
  return (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
}
const disable = (kms: KMSClient, KeyId: string) => kms.send(new DisableKeyCommand({ KeyId }))
const enable = (kms: KMSClient, KeyId: string) => kms.send(new EnableKeyCommand({ KeyId }))
const statusOf = async (server: Pick<TestServer, 'path'>) =>
  ((await askControl(server, '/alarms/status', {})) as { targets: Record<string, unknown>[] }).targets

describe('A webhook', () => {
  it('has the event in its envelope, and a signature by each secret', async () => {
    await using receiver = await startReceiver()
    const secrets = [{ file: join(directory, 'secret') }, { file: join(directory, 'other') }]
    const file = await config(
      [alarm('danger', 'key-deletion-scheduled')],
      [{ name: 'hook', url: `${receiver.url}/a?b=c`, secrets }],
    )
    await using server = await startTestServer({ regions: HOME, config: file })
    const kms = await kmsClient(server, HOME)
    const key = await createKey(kms)
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key }))
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), WAIT)
    const [webhook] = receiver.received
    if (webhook === undefined) throw new Error('INVARIANT: one was received')
    const { headers, body, id } = webhook
    const timestamp = String(headers['webhook-timestamp'])
    const signatures = [SECRET, OTHER_SECRET].map((secret) => {
      const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
      return `v1,${mac.update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    expect(headers['webhook-signature']).toBe(signatures.join(' '))
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60)
    expect(JSON.parse(body)).toMatchObject({
      type: 'keyspan.alarm',
      alarms: ['danger'],
      text: expect.stringContaining(`ScheduleKeyDeletion of ${key} by arn:aws:iam::111122223333:root in ${HOME}`),
      data: {
        version: '0',
        id,
        'detail-type': 'AWS API Call via CloudTrail',
        source: 'aws.kms',
        account: '111122223333',
        region: HOME,
        resources: [],
        detail: { eventName: 'ScheduleKeyDeletion', responseElements: { keyState: 'PendingDeletion' } },
      },
    })
    await advanceClock(server, '40d')
  })

  it('is verified by the example’s receiver, which takes no other', async () => {
    const port = await freePort()
    const file = await config([alarm('off', 'key-disabled')], [{ name: 'hook', url: `http://127.0.0.1:${port}/` }])
    const python = spawn('python3', [exampleFile('alarms/receiver.py'), String(port)], {
      env: { ...process.env, KEYSPAN_WEBHOOK_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const lines = createInterface({ input: python.stdout })
      const line = once(lines, 'line')
      await using server = await startTestServer({ regions: HOME, config: file })
      const kms = await kmsClient(server, HOME)
      const key = await createKey(kms)
      await disable(kms, key)
      expect(String(await line)).toContain(`DisableKey of ${key}`)
      const forged = await config(
        [alarm('off', 'key-disabled')],
        [{ name: 'hook', url: `http://127.0.0.1:${port}/`, secrets: [{ file: join(directory, 'other') }] }],
      )
      await server.restart({ config: forged })
      expect(await askControl(server, '/alarms/test', { target: null })).toMatchObject({
        results: [{ isDelivered: false, answer: expect.stringContaining('answered 401') }],
      })
    } finally {
      python.kill()
    }
  })

  it('follows no redirect, and waits no longer than it is told to', async () => {
    await using redirecting = await startReceiver(() => 302)
    await using silent = await startReceiver(() => null)
    const file = await config(
      [alarm('off', 'key-disabled', ['moved', 'silent'])],
      [
        { name: 'moved', url: redirecting.url },
        { name: 'silent', url: silent.url, timeout: '1s' },
      ],
    )
    await using server = await startTestServer({ regions: HOME, config: file })
    expect(await askControl(server, '/alarms/test', { target: null })).toEqual({
      results: [
        { name: 'moved', isDelivered: false, answer: `${redirecting.url} has answered 302: so it is` },
        { name: 'silent', isDelivered: false, answer: `${silent.url} cannot be reached: it has not answered in time` },
      ],
    })
    expect(redirecting.received).toHaveLength(1)
  })
})

describe('Delivery', () => {
  it('keeps the order of a key, and lets no other key and no other target wait', async () => {
    let isStuck = true
    let stuck = ''
    await using receiver = await startReceiver((webhook) => (isStuck && keyIn(webhook) === stuck ? 500 : 200))
    await using dead = await startReceiver(() => 503)
    const when = [
      alarm('off', 'key-disabled', ['hook', 'dead']),
      { name: 'on', pattern: { detail: { eventName: ['EnableKey'] } }, to: 'hook' },
    ]
    const file = await config(when, [
      { name: 'hook', url: receiver.url },
      { name: 'dead', url: dead.url },
    ])
    await using server = await startTestServer({ regions: HOME, config: file })
    const kms = await kmsClient(server, HOME)
    stuck = await createKey(kms)
    const other = await createKey(kms)
    for (const key of [stuck, other]) {
      await disable(kms, key)
      await enable(kms, key)
    }
    const taken = (key: string) => receiver.received.filter((each) => keyIn(each) === key)
    await vi.waitFor(() => expect(namesIn(taken(other))).toEqual(['off', 'on']), WAIT)
    await vi.waitFor(() => expect(taken(stuck).length).toBeGreaterThan(1), WAIT)
    expect(new Set(namesIn(taken(stuck)))).toEqual(new Set(['off']))
    isStuck = false
    await vi.waitFor(() => expect(namesIn(taken(stuck)).at(-1)).toBe('on'), WAIT)
    const ids = taken(stuck).map(({ id }) => id)
    expect(new Set(ids.slice(0, -1)).size).toBe(1)
    expect(await statusOf(server)).toMatchObject([
      { name: 'hook', delivered: 4, waiting: 0, lastDelivered: { text: ids.at(-1) } },
      { name: 'dead', delivered: 0, waiting: 2, lastError: { text: `${dead.url} has answered 503: so it is` } },
    ])
  })

  it('comes again with the same id where the server was killed before it could note it', async () => {
    let isFirst = true
    const killed = Promise.withResolvers<void>()
    await using receiver = await startReceiver(() => {
      if (!isFirst) return 200
      isFirst = false
      // Between the delivery and its note.
      void server.kill().then(() => killed.resolve())
      return null
    })
    const file = await config([alarm('off', 'key-disabled')], [{ name: 'hook', url: receiver.url }])
    await using server = await createServerProcess('--regions', HOME, '--config', file)
    await server.start()
    const kms = await kmsClient(server as unknown as TestServer, HOME)
    await disable(kms, await createKey(kms))
    await killed.promise
    await server.start()
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), WAIT)
    const [first, again] = receiver.received
    expect(again?.id).toBe(first?.id)
    expect(again?.body).toBe(first?.body)
  }, 30_000)

  it('leaves nothing out that happens while its target, or the server, is away; and tells none of it twice', async () => {
    const port = await freePort()
    const file = await config([alarm('off', 'key-disabled')], [{ name: 'hook', url: `http://127.0.0.1:${port}/` }])
    await using server = await createServerProcess('--regions', HOME, '--config', file)
    await server.start()
    let kms = await kmsClient(server as unknown as TestServer, HOME)
    const keys = [await createKey(kms), await createKey(kms), await createKey(kms)]
    for (const key of keys.slice(0, 2)) await disable(kms, key)
    await vi.waitFor(async () => expect(await statusOf(server)).toMatchObject([{ waiting: 2 }]), WAIT)
    await server.kill()
    await server.start()
    kms = await kmsClient(server as unknown as TestServer, HOME)
    await disable(kms, keys[2] ?? '')
    await using receiver = await startReceiver(() => 200, port)
    await vi.waitFor(() => expect(new Set(receiver.received.map(keyIn))).toEqual(new Set(keys)), WAIT)
    await vi.waitFor(async () => expect(await statusOf(server)).toMatchObject([{ waiting: 0, delivered: 3 }]), WAIT)
    expect(receiver.received).toHaveLength(3)
  }, 40_000)

  it('is given up after the time that it is told, and says so', async () => {
    await using receiver = await startReceiver(() => 500)
    const file = await config(
      [alarm('off', 'key-disabled')],
      [{ name: 'hook', url: receiver.url, 'give-up-after': '1s' }],
    )
    await using server = await startTestServer({ regions: HOME, config: file })
    const kms = await kmsClient(server, HOME)
    await disable(kms, await createKey(kms))
    await vi.waitFor(async () => expect(await statusOf(server)).toMatchObject([{ waiting: 0, givenUp: 1 }]), WAIT)
  }, 20_000)
})

describe('Alarms', () => {
  it('ring for what they are named for, in the right account and Region, and for nothing else', async () => {
    await using receiver = await startReceiver()
    const names = [
      'key-policy-changed',
      'grant-to-another-account',
      'cross-account-use',
      'key-deleted',
      'request-refused',
      'key-disabled',
    ]
    const flood = { name: 'flood', when: 'refusals-flood', count: 3, within: '10m', to: 'hook' }
    const file = await config([...names.map((name) => alarm(name, name)), flood], [{ name: 'hook', url: receiver.url }])
    await using server = await startTestServer({ regions: `${HOME},${AWAY}`, config: file })
    await createAccount(server, '444455556666')
    const kms = await kmsClient(server, HOME)
    const abroad = await kmsClient(server, HOME, '444455556666')
    const key = await createKey(kms)
    const ownPolicy = { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*' }
    const otherPolicy = { ...ownPolicy, Principal: { AWS: '444455556666' }, Action: 'kms:Encrypt' }
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [ownPolicy, otherPolicy] })
    await kms.send(new PutKeyPolicyCommand({ KeyId: key, Policy: policy }))
    await kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') }))
    await abroad.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('x') }))
    const home = (await principalsOf(server, HOME)).role('clerk')
    const grant = (GranteePrincipal: string) =>
      kms.send(new CreateGrantCommand({ KeyId: key, GranteePrincipal, Operations: ['Encrypt'] }))
    await grant((await home).arn)
    await grant('arn:aws:iam::444455556666:root')
    for (let count = 0; count < 4; count += 1) {
      await abroad.send(new DescribeKeyCommand({ KeyId: key })).catch(() => {})
    }
    const far = await kmsClient(server, AWAY)
    await disable(far, await createKey(far))
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 }))
    await advanceClock(server, '8d')
    const expected = [
      'key-policy-changed 111122223333',
      'cross-account-use 111122223333',
      'grant-to-another-account 111122223333',
      'request-refused 444455556666',
      'request-refused 444455556666',
      'request-refused,flood 444455556666',
      'request-refused 444455556666',
      'key-disabled 111122223333',
      'key-deleted 111122223333',
    ]
    const told = () => receiver.received.map(({ alarms, event }) => `${alarms.join()} ${String(event['account'])}`)
    await vi.waitFor(() => expect(told().toSorted()).toEqual(expected.toSorted()), WAIT)
    const deleted = receiver.received.find(({ alarms }) => alarms.includes('key-deleted'))
    expect(deleted?.event).toMatchObject({
      'detail-type': 'KMS CMK Deletion',
      source: 'aws.kms',
      resources: [key],
      detail: { 'key-id': key.replace(/.*\//, '') },
    })
    expect(receiver.received.find(({ alarms }) => alarms.includes('key-disabled'))?.event['region']).toBe(AWAY)
  }, 30_000)

  it('ring before an imported material expires, once, and again when it has', async () => {
    await using receiver = await startReceiver()
    const soon = { ...alarm('soon', 'key-material-expiring'), within: '10d' }
    const file = await config([soon, alarm('gone', 'key-material-expired')], [{ name: 'hook', url: receiver.url }])
    await using server = await startTestServer({ regions: HOME, config: file })
    const kms = await kmsClient(server, HOME)
    const key = (await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))).KeyMetadata?.Arn ?? ''
    const ValidTo = new Date(Date.now() + 30 * 86_400_000)
    const material = await importInto(kms, key, randomBytes(32), { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo })
    await advanceClock(server, '5d')
    await advanceClock(server, '17d')
    await vi.waitFor(() => expect(namesIn(receiver.received)).toEqual(['soon']), WAIT)
    expect(receiver.received[0]?.event).toMatchObject({
      source: 'keyspan',
      resources: [key],
      detail: { 'key-material-id': material, 'expires-at': expect.stringMatching(/Z$/) },
    })
    await vi.waitFor(async () => expect(await statusOf(server)).toMatchObject([{ delivered: 1, waiting: 0 }]), WAIT)
    await server.restart()
    await advanceClock(server, '10d')
    await vi.waitFor(() => expect(namesIn(receiver.received)).toEqual(['soon', 'gone']), WAIT)
    expect(receiver.received[1]?.event).toMatchObject({
      'detail-type': 'KMS Imported Key Material Expiration',
      detail: { 'key-id': key.replace(/.*\//, ''), 'key-material-id': material },
    })
  }, 30_000)

  it('are not rung by what happened before there was one', async () => {
    await using receiver = await startReceiver()
    await using server = await startTestServer({ regions: HOME })
    const kms = await kmsClient(server, HOME)
    await disable(kms, await createKey(kms))
    const file = await config([alarm('off', 'key-disabled')], [{ name: 'hook', url: receiver.url }])
    await server.restart({ config: file })
    const later = await createKey(await kmsClient(server, HOME))
    await disable(await kmsClient(server, HOME), later)
    await vi.waitFor(() => expect(receiver.received.map(keyIn)).toEqual([later]), WAIT)
  })
})

describe('docs/guide/alarms.md', () => {
  it('has every ready-made alarm', async () => {
    const page = await readFile(new URL('../docs/guide/alarms.md', import.meta.url), 'utf8')
    const rows = Object.entries(READY_MADE).map(([name, { meaning }]) => `| \`${name}\` | ${meaning} |\n`)
    expect(page).toContain(`|---|---|\n${rows.join('')}\n`)
  })
})

describe('A command', () => {
  it('is run without a shell, has the message on standard input and no secret of the server', async () => {
    const script = join(directory, 'page')
    const output = join(directory, 'paged')
    await writeFile(script, `#!/bin/sh\nprintf '%s\\n' "$1" >>"${output}"\nenv >>"${output}"\ncat >>"${output}"\n`)
    await chmod(script, 0o700)
    const file = await config(
      [alarm('off', 'key-disabled', 'page')],
      [{ name: 'page', command: [script, '$(whoami); x'] }],
    )
    vi.stubEnv('KEYSPAN_WEBHOOK_SECRET', SECRET)
    try {
      await using server = await startTestServer({ regions: HOME, config: file })
      const kms = await kmsClient(server, HOME)
      await disable(kms, await createKey(kms))
      await vi.waitFor(async () => expect(await statusOf(server)).toMatchObject([{ delivered: 1 }]), WAIT)
      const text = await readFile(output, 'utf8')
      expect(text.startsWith('$(whoami); x\n')).toBe(true)
      expect(text).not.toContain(SECRET)
      expect(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ alarms: ['off'] })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it.each([
    ['echo it is broken >&2; exit 3', /has ended with 3: it is broken$/],
    ['sleep 60 & sleep 60', /has not ended in time, and was killed$/],
  ])('that does not do it is told of: %s', async (line, answer) => {
    const command = ['/bin/sh', '-c', line]
    const file = await config([alarm('off', 'key-disabled', 'page')], [{ name: 'page', command, timeout: '1s' }])
    await using server = await startTestServer({ regions: HOME, config: file })
    expect(await askControl(server, '/alarms/test', { target: null })).toEqual({
      results: [{ name: 'page', isDelivered: false, answer: expect.stringMatching(answer) }],
    })
  })
})

describe('keyspan alarms', () => {
  it('tests targets and shows how they do; without alarms it says where to name them', async () => {
    await using receiver = await startReceiver(({ alarms }) => (alarms[0] === 'test' ? 410 : 200))
    const file = await config(
      [alarm('off', 'key-disabled', ['hook', 'log'])],
      [{ name: 'hook', url: `${receiver.url}/secret-path` }],
    )
    await using server = await startTestServer({ regions: HOME, config: file })
    const run = (...args: readonly string[]) =>
      runTool(process.execPath, [MAIN, 'alarms', ...args, '--data', server.path], process.env)
    const kms = await kmsClient(server, HOME)
    await disable(kms, await createKey(kms))
    await vi.waitFor(async () => expect((await statusOf(server))[0]).toMatchObject({ delivered: 1 }), WAIT)
    const tested = await run('test').catch((error: { stdout: string; code: number }) => error)
    expect(tested).toMatchObject({ code: 1 })
    expect(tested).toMatchObject({
      stdout: `log: delivered, logged\nhook: NOT DELIVERED, ${receiver.url} has answered 410: so it is\n`,
    })
    const status = JSON.stringify(await run('status'))
    expect(status).toMatch(/hook: .* delivered: 1, the last at .* waiting: 0/)
    expect(status).not.toContain('secret-path')
    await server.restart({ config: await config([]) })
    await expect(run('status')).rejects.toThrow('There are no alarms: name them under "alarms"')
  }, 30_000)
})
