import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { randomBytes } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importInto } from './clients/import.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { pauseReplication } from './control.ts'
import { metricsUrlOf, scrape, value } from './metrics.ts'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from './server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ 'metrics-port': 0 })
})
afterAll(() => server[Symbol.asyncDispose]())

describe('GET /metrics', () => {
  it('counts what was done and what was refused, by service, operation and Region', async () => {
    const home = await kmsClient(server, HOME)
    const { KeyMetadata } = await home.send(new CreateKeyCommand({}))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('plaintext') }))
    await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('plaintext') }))
    await home.send(new DisableKeyCommand({ KeyId }))
    await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('plaintext') })).catch(() => {})
    const text = await scrape(server)
    const encrypt = { service: 'kms', operation: 'Encrypt' }
    const counted = (result: string, code: string) =>
      value(text, 'keyspan_requests_total', { ...encrypt, region: HOME, result, code })
    expect(counted('done', 'none')).toBe(2)
    expect(counted('refused', 'DisabledException')).toBe(1)
    expect(value(text, 'keyspan_request_duration_seconds_count', encrypt)).toBe(3)
    expect(value(text, 'keyspan_request_duration_seconds_bucket', { ...encrypt, le: '+Inf' })).toBe(3)
    expect(value(text, 'keyspan_authorization_decisions_total', { outcome: 'allowed', layer: 'none' })).toBeGreaterThan(
      3,
    )
  })

  it('names nothing that a stranger has made up', async () => {
    const made = 'MadeUpByAStranger'
    await fetch(server.url, {
      method: 'POST',
      headers: {
        'x-amz-target': `TrentService.${made}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${made}/20260101/${made}/kms/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
    })
    const client = await kmsClient(server, HOME)
    await client.send(new DescribeKeyCommand({ KeyId: made })).catch(() => {})
    const text = await scrape(server)
    expect(text).not.toContain(made)
    expect(text).not.toContain('111122223333')
    expect(text).not.toMatch(/key\/|mrk-|AKIA/)
  })

  it('tells which layer of policies has refused', async () => {
    const other = await kmsClient(server, HOME)
    const policy = {
      Statement: [
        { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' },
        { Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt', Resource: '*' },
      ],
    }
    const { KeyMetadata } = await other.send(new CreateKeyCommand({ Policy: JSON.stringify(policy) }))
    const labels = { outcome: 'explicit_deny', layer: 'resource_policy' }
    const before = value(await scrape(server), 'keyspan_authorization_decisions_total', labels) ?? 0
    const request = new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') })
    await other.send(request).catch(() => {})
    expect(value(await scrape(server), 'keyspan_authorization_decisions_total', labels)).toBe(before + 1)
  })

  it('tells of keys by their state, of deadlines, and of how far Regions are behind', async () => {
    const home = await kmsClient(server, HOME)
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
    const { KeyMetadata: doomed } = await home.send(new CreateKeyCommand({}))
    await home.send(new ScheduleKeyDeletionCommand({ KeyId: doomed?.KeyId, PendingWindowInDays: 7 }))
    const lag = { source: HOME, destination: AWAY }
    await expect.poll(async () => value(await scrape(server), 'keyspan_replication_lag_messages', lag)).toBe(0)
    await expect
      .poll(async () => value(await scrape(server), 'keyspan_keys', { region: AWAY, state: 'Enabled' }))
      .toBe(1)
    const text = await scrape(server)
    expect(value(text, 'keyspan_keys', { region: HOME, state: 'PendingDeletion' })).toBe(1)
    const left = value(text, 'keyspan_seconds_until_key_deletion', { region: HOME }) ?? 0
    expect(left).toBeGreaterThan(6.9 * 86_400)
    expect(left).toBeLessThanOrEqual(7 * 86_400)
    expect(value(text, 'keyspan_seconds_until_key_deletion', { region: AWAY })).toBeNull()
  })

  it('tells when imported material expires and the next key rotates', async () => {
    const client = await kmsClient(server, FAR)
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
    const ValidTo = new Date(Date.now() + 30 * 86_400_000)
    const more = { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo } as const
    await importInto(client, KeyMetadata?.KeyId ?? '', randomBytes(32), more)
    const { KeyMetadata: turning } = await client.send(new CreateKeyCommand({}))
    await client.send(new EnableKeyRotationCommand({ KeyId: turning?.KeyId, RotationPeriodInDays: 90 }))
    const text = await scrape(server)
    const days = (what: string) => (value(text, `keyspan_seconds_until_${what}`, { region: FAR }) ?? 0) / 86_400
    expect(days('key_material_expiration')).toBeCloseTo(30, 1)
    expect(days('key_rotation')).toBeCloseTo(90, 1)
  })

  it('counts rotations that wait for a Region', async () => {
    const home = await kmsClient(server, HOME)
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
    const waiting = async () => value(await scrape(server), 'keyspan_rotations_waiting', { region: HOME })
    await pauseReplication(server, true)
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    expect(await waiting()).toBe(1)
    await pauseReplication(server, false)
    await expect.poll(waiting).toBe(0)
  })

  it('begins with what there was before a restart', async () => {
    const sum = (text: string) =>
      ['Enabled', 'Disabled', 'PendingDeletion'].map((state) => value(text, 'keyspan_keys', { region: HOME, state }))
    const before = sum(await scrape(server))
    await server.restart()
    await expect.poll(async () => sum(await scrape(server))).toEqual(before)
  })

  it('shows how much a Region has not heard while it is cut off', async () => {
    const home = await kmsClient(server, HOME)
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    await pauseReplication(server, true)
    await home.send(new ReplicateKeyCommand({ KeyId: KeyMetadata?.KeyId, ReplicaRegion: AWAY }))
    const behind = async (unit: 'messages' | 'seconds') =>
      value(await scrape(server), `keyspan_replication_lag_${unit}`, { source: HOME, destination: AWAY })
    expect(await behind('messages')).toBeGreaterThan(0)
    await expect.poll(() => behind('seconds')).toBeGreaterThan(0)
    await pauseReplication(server, false)
    await expect.poll(() => behind('messages')).toBe(0)
    expect(await behind('seconds')).toBe(0)
  })

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0
  if (!hasPromtool) console.warn('SKIPPED: promtool (apt-get install prometheus) judges the text of a scrape.')

  it.skipIf(!hasPromtool)('is what promtool takes', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await scrape(server),
      encoding: 'utf8',
    })
    expect(`${stdout}${stderr}`).toBe('')
    expect(status).toBe(0)
  })
})

describe('The listener of metrics', () => {
  it('answers /metrics, and nothing else', async () => {
    const url = metricsUrlOf(server)
    expect((await fetch(url)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
    expect((await fetch(new URL('/health', url))).status).toBe(404)
    expect((await fetch(new URL('/metrics', server.url))).status).not.toBe(200)
  })

  it('wants the token where there is one', async () => {
    const file = join(tmpdir(), `keyspan-token-${process.pid}`)
    await writeFile(file, `${'t'.repeat(32)}\n`)
    await using guarded = await startTestServer({ 'metrics-port': 0, 'metrics-token-file': file })
    const url = metricsUrlOf(guarded)
    const status = async (authorization?: string) =>
      (await fetch(url, authorization === undefined ? {} : { headers: { authorization } })).status
    expect(await status()).toBe(401)
    expect(await status(`Bearer ${'t'.repeat(31)}`)).toBe(401)
    expect(await status(`Bearer ${'t'.repeat(32)}`)).toBe(200)
    await writeFile(file, 'short\n')
    await expect(guarded.restart()).rejects.toThrow(/must be one line of at least 16 characters/)
    await expect(guarded.restart({ 'metrics-token-file': '/missing' })).rejects.toThrow('/missing cannot be read')
  })

  it('is not opened to others without a token', async () => {
    await expect(startTestServer({ 'metrics-port': 0, 'metrics-host': '0.0.0.0' })).rejects.toThrow(
      /"0\.0\.0\.0" from the flag --metrics-host can be asked for by others .* metrics-token-file/,
    )
    await expect(startTestServer({ 'metrics-host': '127.0.0.1' })).rejects.toThrow('none are served')
    const { port } = new URL(metricsUrlOf(server))
    await expect(startTestServer({ 'metrics-port': port })).rejects.toThrow('give --metrics-port another')
  })
})
