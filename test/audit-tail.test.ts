import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lastRecords } from '../src/cli/audit/last-records.ts'
import { createFilter, parseMoment } from '../src/cli/audit/record-filter.ts'
import { openAuditReader } from '../src/storage/audit/reader.ts'
import { kmsClient } from './clients/kms-client.ts'
import { principalsOf, type TestPrincipal } from './clients/principals.ts'
import { runTool } from './clients/tools.ts'
import { MAIN } from './program/program.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'

let server: TestServer
let kms: KMSClient
let role: TestPrincipal
let key: string
let other: string

beforeAll(async () => {
  server = await startTestServer({ regions: HOME, audit: 'strict' })
  kms = await kmsClient(server, HOME)
  role = await (await principalsOf(server, HOME)).role('clerk')
  key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
  other = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/pay', TargetKeyId: key }))
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: 'alias/pay', Plaintext: Buffer.from('x') }))
  await kms.send(new DecryptCommand({ CiphertextBlob }))
  await kms.send(new DescribeKeyCommand({ KeyId: other }))
  await role
    .kms(HOME)
    .send(new DescribeKeyCommand({ KeyId: key }))
    .catch(() => {})
})
afterAll(() => server[Symbol.asyncDispose]())

async function tail(...args: readonly string[]): Promise<readonly { eventName: string; errorCode?: string }[]> {
  const text = await runTool(process.execPath, [MAIN, 'audit', 'tail', '--data', server.path, ...args], process.env)
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as { eventName: string })
}
const names = async (...args: readonly string[]) => (await tail(...args)).map(({ eventName }) => eventName)

describe('keyspan audit tail', () => {
  it('tells the records of a key apart by its ARN, its id and an alias that was asked for', async () => {
    const own = ['CreateKey', 'CreateAlias', 'Encrypt', 'Decrypt', 'DescribeKey']
    expect(await names('--key', key)).toEqual(own)
    expect(await names('--key', key.replace(/^.*\//, ''))).toEqual(own)
    expect(await names('--key', key, '--lines', '2')).toEqual(own.slice(-2))
    expect(await names('--key', 'alias/pay')).toEqual(['CreateAlias', 'Encrypt'])
    expect(await names('--key', other)).toEqual(['CreateKey', 'DescribeKey'])
  })

  it('tells those of a principal, an operation, and refusals, and all of it together', async () => {
    for (const principal of [role.arn, 'clerk']) expect(await names('--principal', principal)).toEqual(['DescribeKey'])
    expect(await names('--refused', '--region', HOME)).toEqual(['DescribeKey'])
    expect(await names('--principal', 'root', '--operation', 'kms:Encrypt', 'decrypt')).toEqual(['Encrypt', 'Decrypt'])
    expect(await names('--operation', 'DescribeKey', '--refused', '--key', other)).toEqual([])
    expect(await names('--operation', 'iam:Encrypt')).toEqual([])
  })

  it('prints all since a moment, unless a number is given', async () => {
    expect((await names('--since', '1h', '--region', HOME)).length).toBe(
      (await names('-n', '1000', '--region', HOME)).length,
    )
    expect(await names('--since', '1h', '--region', HOME, '-n', '1')).toEqual(['DescribeKey'])
    expect(await names('--since', '2099-01-01')).toEqual([])
    await expect(tail('--since', 'yesterday')).rejects.toThrow('"yesterday" is no moment. Give how long ago')
  })
})

describe('The last records that are wanted', () => {
  it('are found however far back they are, and as many as are asked for', async () => {
    const root = await mkdtemp(join(tmpdir(), 'keyspan-'))
    await mkdir(join(root, HOME))
    const lines = Array.from({ length: 12_000 }, (_, index) => {
      const eventTime = new Date(Date.parse('2026-11-25T00:00:00Z') + index * 1000).toISOString()
      const eventName = index % 5000 === 0 ? 'CreateKey' : 'Encrypt'
      return `${JSON.stringify({ eventTime, eventSource: 'kms.amazonaws.com', eventName, userIdentity: {}, index })}\n`
    })
    await writeFile(join(root, HOME, '2026-11-25.jsonl'), `no record\n${lines.join('')}`)
    const wanted = async (count: number | null, since?: number) => {
      const isWanted = createFilter({ operation: ['CreateKey'], since })
      const records = lastRecords(await openAuditReader(root, null), count, isWanted, since ?? Number.NEGATIVE_INFINITY)
      const found: number[] = []
      for await (const record of records) found.push((JSON.parse(record) as { index: number }).index)
      return found
    }
    expect(await wanted(2)).toEqual([5000, 10_000])
    expect(await wanted(9)).toEqual([0, 5000, 10_000])
    expect(await wanted(0)).toEqual([])
    expect(await wanted(null, Date.parse('2026-11-25T01:00:00Z'))).toEqual([5000, 10_000])
    await rm(root, { recursive: true })
  })

  it('begin at a moment', () => {
    const now = Date.parse('2026-11-25T12:00:00Z')
    expect(parseMoment('2h', now)).toBe(now - 7_200_000)
    expect(parseMoment('2026-11-25', now)).toBe(Date.parse('2026-11-25T00:00:00Z'))
    expect(parseMoment('2026-11-25T10:00+02:00', now)).toBe(Date.parse('2026-11-25T08:00:00Z'))
    for (const text of ['', '2', '2 h', '2026', '2026-13-01', '25.11.2026'])
      expect(() => parseMoment(text, now)).toThrow('is no moment')
  })
})
