import { describe, expect, it } from 'vitest'
import { parseLine } from './log-lines.ts'
import { logsMessage, tracesMessage } from './otlp.ts'
import { otlpProtobuf } from './protobuf.ts'

const SENDER = { resource: { 'service.name': 'keyspan' }, version: '0.1.0' }
const SPAN = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  id: '00f067aa0ba902b7',
  parentId: null,
  kind: 'server',
  name: 'request',
  startedAt: 1_767_225_600_000.25,
  endedAt: 1_767_225_600_001.5,
  attributes: { 'rpc.method': 'Encrypt', count: 300, ratio: 0.5, ok: true },
  failure: 'DisabledException',
} as const

/** What stands in a message of protobuf, as it stands there: fields by their numbers. */
function fieldsOf(bytes: Buffer): readonly (readonly [number, bigint | Buffer])[] {
  const fields: [number, bigint | Buffer][] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const wire = tag % 8
    const length = wire === 2 ? Number(varint()) : 8
    const value = wire === 0 ? varint() : bytes.subarray(at, at + length)
    if (wire !== 0) at += length
    fields.push([tag >> 3, value])
  }
  return fields
}

function field(bytes: Buffer, ...numbers: readonly number[]): bigint | Buffer | undefined {
  let found: bigint | Buffer | undefined = bytes
  for (const number of numbers) {
    found = Buffer.isBuffer(found) ? fieldsOf(found).find(([each]) => each === number)?.[1] : undefined
  }
  return found
}

describe('Spans in protobuf', () => {
  const bytes = otlpProtobuf(tracesMessage([SPAN], SENDER))
  const span = field(bytes, 1, 2, 2) as Buffer

  it('stand under the numbers of OTLP', () => {
    expect((field(span, 1) as Buffer).toString('hex')).toBe(SPAN.traceId)
    expect((field(span, 2) as Buffer).toString('hex')).toBe(SPAN.id)
    expect(field(span, 4)).toBeUndefined()
    expect(String(field(span, 5))).toBe('request')
    expect(field(span, 6)).toBe(2n)
    expect((field(span, 7) as Buffer).readBigUInt64LE()).toBe(1_767_225_600_000_250_000n)
    expect((field(span, 8) as Buffer).readBigUInt64LE()).toBe(1_767_225_600_001_500_000n)
    expect(field(span, 15, 3)).toBe(2n)
    expect(String(field(bytes, 1, 2, 1, 1))).toBe('keyspan')
  })

  it('have their attributes with their types', () => {
    const attributes = fieldsOf(span).flatMap(([number, value]) => (number === 9 ? [value as Buffer] : []))
    const values = attributes.map((each) => [String(field(each, 1)), fieldsOf(field(each, 2) as Buffer)[0]])
    expect(values).toEqual([
      ['rpc.method', [1, Buffer.from('Encrypt')]],
      ['count', [3, 300n]],
      ['ratio', [4, Buffer.from(new Float64Array([0.5]).buffer)]],
      ['ok', [2, 1n]],
      ['error.type', [1, Buffer.from('DisabledException')]],
    ])
  })
})

describe('Lines of the log', () => {
  it('are sent with their level, and what they say of an error', () => {
    const line = parseLine(
      '{"level":50,"time":1767225600000,"pid":1,"hostname":"h","err":{"type":"E","message":"m","stack":"s"},"what":"w","msg":"text"}',
    )
    expect(line).toEqual({
      time: 1_767_225_600_000,
      level: 50,
      text: 'text',
      attributes: { what: 'w', 'exception.type': 'E', 'exception.message': 'm', 'exception.stacktrace': 's' },
    })
    const record = field(otlpProtobuf(logsMessage(line === null ? [] : [line], SENDER)), 1, 2, 2) as Buffer
    expect([field(record, 2), String(field(record, 3)), String(field(record, 5, 1))]).toEqual([17n, 'ERROR', 'text'])
  })

  it('are left out where they are none', () => {
    expect(parseLine('Debugger attached.')).toBeNull()
  })
})
