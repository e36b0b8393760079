import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { CreateGrantCommand, CreateKeyCommand, EncryptCommand, TagResourceCommand } from '@aws-sdk/client-kms'
import type { Caller } from '../src/kernel/identities/caller.ts'
import { recordCall } from '../src/kernel/audit.ts'
import { WireError } from '../src/kernel/errors.ts'
import type { Operation } from '../src/kernel/operation.ts'
import type { Call } from '../src/kernel/call.ts'
import { parseInput } from '../src/kernel/parse.ts'
import { servicesOf } from '../src/server/services.ts'
import { auditLog } from './audit-log.ts'
import { kmsClient } from './clients/kms-client.ts'
import { HOME, startTestServer } from './server.ts'

const SIZE = 40_000
/** A refusal's message, and a record beside what of the request it repeats. */
const OVERHEAD = 20_000

const many = (item: unknown, bytes: number) => Array.from({ length: SIZE / bytes }, () => item)
const map = () => Object.fromEntries(many('', 10).map((_, index) => [`n${index}`, index]))

/** What somebody might send to make a server pay. */
const HOSTILE: readonly unknown[] = [
  'a'.repeat(SIZE),
  '\u0001'.repeat(SIZE / 6),
  many('', 3),
  many('\u0001', 9),
  many({}, 3),
  many([], 3),
  many(0, 2),
  many('a'.repeat(1000), 1003),
  map(),
  many(map(), SIZE),
]

/** The operations of every service, by their names. */
const services = servicesOf(() => ({
  explain: async () => null,
  questions: {
    refusals: async () => [],
    whoCan: async () => ({ regions: [], actions: [], rows: [], next: null }),
    family: async () => {
      throw new Error('none')
    },
    simulate: async () => {
      throw new Error('none')
    },
    differences: async () => ({ rows: [], next: null }),
    recorded: async () => null,
  },
  readDrift: async () => ({ drifts: new Map(), failure: null }),
  lookUp: async () => ({ records: [], places: [], last: null }),
  checkBucket: async () => null,
  system: {
    version: '',
    regions: [],
    operator: '',
    faults: () => [],
    describe: async () => {
      throw new Error('none')
    },
  },
  proofs: { describe: async () => [], prove: async () => null },
  drills: {
    operator: '',
    development: true,
    faults: () => [],
    describe: async () => {
      throw new Error('none')
    },
    step: async () => {},
    advanceClock: async () => {},
  },
}))
const operations: [string, Operation][] = []
for (const { signingName, load } of services) {
  for (const operation of (await load()).operations) operations.push([`${signingName} ${operation.name}`, operation])
}

/** Bodies in which one member, at any depth, is `value`. */
function* bodiesWith(schema: z.core.$ZodType, value: unknown): Generator<unknown> {
  yield value
  const { def } = schema._zod as unknown as { def: Record<string, unknown> }
  if (def['type'] === 'object') {
    const shape = def['shape'] as Record<string, z.core.$ZodType>
    for (const [name, member] of Object.entries(shape)) {
      for (const inner of bodiesWith(member, value)) yield { [name]: inner }
    }
    yield { ...(value !== null && typeof value === 'object' ? value : {}), unknown: value }
  }
  if (def['type'] === 'array') for (const inner of bodiesWith(def['element'] as z.core.$ZodType, value)) yield [inner]
  // A list is two schemas behind each other: its length, and its items.
  for (const part of ['innerType', 'out']) {
    if (def[part] !== undefined) yield* bodiesWith(def[part] as z.core.$ZodType, value)
  }
}

const caller = { account: '111122223333', arn: 'arn', accessKeyId: 'id', record: {} } as unknown as Caller
const call: Call = {
  requestId: 'id',
  now: 0,
  region: HOME,
  caller,
  sourceIp: '::1',
  userAgent: 'x'.repeat(16_000),
  secure: false,
}

function recordOf(operation: Operation, input: unknown, error: WireError | null): string {
  const details = input === null ? { resources: [] } : operation.record(input, null, null, call)
  const event = { eventSource: 'kms.amazonaws.com', eventName: operation.name, readOnly: operation.readOnly }
  const [record] = recordCall({ ...call, ...event, ...details, error })
  return record?.text ?? ''
}

function costOf(operation: Operation, body: unknown): { message: number; record: number } {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return { message: 0, record: 0 }
  try {
    const input: unknown = parseInput(operation.input, body as Record<string, unknown>)
    return { message: 0, record: recordOf(operation, input, null).length }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { message: error.message.length, record: recordOf(operation, null, error).length }
  }
}

describe('What a member costs is a small multiple of its size, whatever it holds', () => {
  it.each(operations)('in %s', (_name, operation) => {
    for (const value of HOSTILE) {
      for (const body of bodiesWith(operation.input, value)) {
        const { message, record } = costOf(operation, body)
        expect(message).toBeLessThan(OVERHEAD)
        expect(record).toBeLessThan(SIZE + OVERHEAD)
        const issues = operation.input.safeParse(body).error?.issues.length ?? 0
        expect(issues).toBeLessThan(10_000)
      }
    }
  })
})

it('A body of empty members is refused in a few words, which its record repeats', async () => {
  await using server = await startTestServer()
  const kms = await kmsClient(server, HOME)
  const Operations = Array.from({ length: 16_000 }, () => '' as never)
  const principal = 'arn:aws:iam::111122223333:root'
  const grant = kms.send(new CreateGrantCommand({ KeyId: 'k', GranteePrincipal: principal, Operations }))
  await expect(grant).rejects.toThrow(
    /^1 validation error detected: .{1,1200} at 'operations' .* less than or equal to/,
  )
  const Tags = Array.from({ length: 5000 }, () => ({ TagKey: '', TagValue: '' }))
  await expect(kms.send(new TagResourceCommand({ KeyId: 'k', Tags }))).rejects.toThrow(/^1 validation error detected/)
  const records = (await auditLog(server, HOME)).trimEnd().split('\n')
  expect(records).toHaveLength(2)
  for (const record of records) expect(record.length).toBeLessThan(4000)
})

it('An encryption context that costs too many comparisons with a policy is refused, a small one is not', async () => {
  await using server = await startTestServer()
  const kms = await kmsClient(server, HOME)
  const patterns = Array.from({ length: 600 }, (_, index) => `*\${kms:EncryptionContext:b}*${index}`)
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:Encrypt',
        Resource: '*',
        Condition: { 'ForAnyValue:StringLike': { 'kms:EncryptionContextKeys': patterns } },
      },
    ],
  })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy }))
  const encrypt = (pairs: number) => {
    const EncryptionContext = Object.fromEntries(Array.from({ length: pairs }, (_, index) => [`name ${index}`, '']))
    return kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('a'), EncryptionContext }))
  }
  await expect(encrypt(1000)).rejects.toThrow(/^The request has 100\d values .* more than 100000 comparisons/)
  await expect(encrypt(100)).resolves.toHaveProperty('CiphertextBlob')
})
