import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { freePort } from '../free-port.ts'
import { value } from '../metrics.ts'
import { HOME } from '../server.ts'
import { startPair, startTogether, untilHealth, untilItself, untilRole, type Member } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'
import { MAIN } from '../program/program.ts'

/** What a command says, and its status. */
async function keyspan(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args])
    return { code: 0, text: `${stdout}${stderr}` }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: `${stdout}${stderr}` }
  }
}

async function scrapeAt(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(response.status).toBe(200)
  return response.text()
}

const requests = (text: string, operation: string) =>
  value(text, 'keyspan_requests_total', { service: 'kms', operation, region: HOME, result: 'done', code: 'none' }) ?? 0
const health = ({ url }: Member) => keyspan('health', '--port', new URL(url).port)

describe.skipIf(POSTGRES_BIN === null)('Whoever watches processes that serve together', { timeout: 90_000 }, () => {
  it('sees which leads, how the other one follows, who answers what, and how long changes wait for it', async () => {
    const ports = { one: await freePort(), other: await freePort() }
    const database = await (await sharedPostgres()).newDatabase()
    await using pair = await startTogether(database, '--metrics-port', String(ports.one))
    const { one, other } = pair
    const leading = other.process.start({ more: ['--metrics-port', String(ports.other)] })
    leading.catch(() => {})
    await untilRole(other, 'follower')
    const kms = { one: await one.client(), other: await other.client() }
    const { KeyMetadata } = await kms.one.send(new CreateKeyCommand({}))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const encrypt = () => kms.other.send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
    await untilItself(other, encrypt)
    const before = { one: await scrapeAt(ports.one), other: await scrapeAt(ports.other) }
    for (let count = 0; count < 3; count += 1) {
      await encrypt()
      await kms.other.send(new DisableKeyCommand({ KeyId }))
      await kms.other.send(new EnableKeyCommand({ KeyId }))
    }
    const text = { one: await scrapeAt(ports.one), other: await scrapeAt(ports.other) }
    expect(value(text.one, 'keyspan_role', { role: 'leader' })).toBe(1)
    expect(value(text.one, 'keyspan_followers', {})).toBe(1)
    expect(value(text.other, 'keyspan_role', { role: 'follower' })).toBe(1)
    expect(value(text.other, 'keyspan_healthy', {})).toBe(1)
    expect(value(text.other, 'keyspan_follower_reading', {})).toBe(1)
    expect(value(text.other, 'keyspan_follower_lease_age_seconds', {})).toBeLessThan(3)
    expect(value(text.other, 'keyspan_follower_records_delay_seconds', {})).toBeLessThan(5)
    const more = (of: (scraped: string) => number | null, at: 'one' | 'other') =>
      (of(text[at]) ?? 0) - (of(before[at]) ?? 0)
    const by = (who: string) => (scraped: string) => value(scraped, 'keyspan_follower_requests_total', { by: who })
    expect(more(by('here'), 'other')).toBe(3)
    expect(more(by('leader'), 'other')).toBe(6)
    const hearings = (scraped: string) => value(scraped, 'keyspan_followers_hearing_seconds_count', {})
    expect(more(hearings, 'one')).toBeGreaterThanOrEqual(6)
    // Each request is counted by who has answered it.
    for (const [operation, at] of [
      ['Encrypt', 'other'],
      ['DisableKey', 'one'],
    ] as const) {
      const counted = (scraped: string) => requests(scraped, operation)
      expect(more(counted, 'one') + more(counted, 'other'), operation).toBe(3)
      expect(more(counted, at), operation).toBe(3)
    }
    expect((await health(one)).text).toContain('serves, and leads.')
    expect((await health(other)).text).toContain('serves, beside the process that leads.')
    const status = await keyspan('region', 'status', '--data', other.process.path)
    expect(status.code).not.toBe(0)
    expect(status.text).toMatch(/does not lead: it follows the one at 127\.0\.0\.1:\d+\. Say it in the data directory/)

    await one.process.kill()
    await expect
      .poll(async () => value(await scrapeAt(ports.other), 'keyspan_follower_reading', {}), { timeout: 10_000 })
      .toBe(0)
    await leading
    const led = await scrapeAt(ports.other)
    expect(value(led, 'keyspan_role', { role: 'leader' })).toBe(1)
    expect(value(led, 'keyspan_role', { role: 'follower' })).toBeNull()
    expect(value(led, 'keyspan_follower_requests_total', { by: 'here' })).toBeGreaterThanOrEqual(3)
  })

  it('sees one that stands by, which is not unhealthy', async () => {
    await using pair = await startPair(await (await sharedPostgres()).newDatabase())
    const { other } = pair
    const port = await freePort()
    other.process.start({ more: ['--metrics-port', String(port)] }).catch(() => {})
    await untilHealth(other, 'standby')
    const text = await scrapeAt(port)
    expect(value(text, 'keyspan_role', { role: 'standby' })).toBe(1)
    expect(value(text, 'keyspan_healthy', {})).toBeNull()
    const said = await health(other)
    expect(said.code).toBe(1)
    expect(said.text).toContain('it is a standby')
    const accounts = await keyspan('console', '--data', other.process.path)
    expect(accounts.text).toContain('does not lead: another process serves it. Say it in the data directory')
  })
})
