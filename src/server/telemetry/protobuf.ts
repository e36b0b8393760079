/** How a field of a message is written. */
type FieldType = 'string' | 'hex' | 'bool' | 'int' | 'double' | 'fixed64' | Message
/** The fields of a message by their names in JSON, each with its number. */
interface Message {
  readonly [name: string]: readonly [number: number, type: FieldType]
}

const ANY_VALUE: Message = {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int'],
  doubleValue: [4, 'double'],
}
const KEY_VALUE: Message = { key: [1, 'string'], value: [2, ANY_VALUE] }
const RESOURCE: Message = { attributes: [1, KEY_VALUE] }
const SCOPE: Message = { name: [1, 'string'], version: [2, 'string'] }
const SPAN: Message = {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  parentSpanId: [4, 'hex'],
  name: [5, 'string'],
  kind: [6, 'int'],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, KEY_VALUE],
  status: [15, { code: [3, 'int'] }],
}
const LOG_RECORD: Message = {
  timeUnixNano: [1, 'fixed64'],
  severityNumber: [2, 'int'],
  severityText: [3, 'string'],
  body: [5, ANY_VALUE],
  attributes: [6, KEY_VALUE],
  observedTimeUnixNano: [11, 'fixed64'],
}

/** OTLP's messages, as far as they are sent (opentelemetry-proto 1). */
const OTLP: Message = {
  resourceSpans: [1, { resource: [1, RESOURCE], scopeSpans: [2, { scope: [1, SCOPE], spans: [2, SPAN] }] }],
  resourceLogs: [1, { resource: [1, RESOURCE], scopeLogs: [2, { scope: [1, SCOPE], logRecords: [2, LOG_RECORD] }] }],
}

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2

/** Writes a message of OTLP that is given as its JSON has it, in protobuf's form. */
export function otlpProtobuf(message: object): Buffer {
  return writeMessage(message, OTLP)
}

function writeMessage(message: object, fields: Message): Buffer {
  const parts: Uint8Array[] = []
  for (const [name, value] of Object.entries(message)) {
    const field = fields[name]
    if (field === undefined) throw new Error(`INVARIANT: ${name} has a number in protobuf`)
    for (const each of Array.isArray(value) ? value : [value]) parts.push(...writeField(each, ...field))
  }
  return Buffer.concat(parts)
}

function writeField(value: unknown, number: number, type: FieldType): readonly Uint8Array[] {
  if (type === 'int' || type === 'bool')
    return [tag(number, VARINT), varint(BigInt(value as string | number | boolean))]
  if (type === 'double' || type === 'fixed64') {
    const bytes = Buffer.alloc(8)
    if (type === 'double') bytes.writeDoubleLE(Number(value))
    else bytes.writeBigUInt64LE(BigInt(value as string))
    return [tag(number, FIXED64), bytes]
  }
  const bytes =
    typeof type === 'object'
      ? writeMessage(value as object, type)
      : Buffer.from(String(value), type === 'hex' ? 'hex' : 'utf8')
  return [tag(number, LENGTH), varint(bytes.length), bytes]
}

function tag(number: number, wire: number): Uint8Array {
  return varint(number * 8 + wire)
}

/** A negative number takes ten bytes, as protobuf has it. */
function varint(number: number | bigint): Uint8Array {
  // Nearly all are lengths and tags.
  if (number >= 0 && number < 0x80) return Uint8Array.of(Number(number))
  const bytes: number[] = []
  let left = BigInt.asUintN(64, BigInt(number))
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return Uint8Array.of(...bytes, Number(left))
}
