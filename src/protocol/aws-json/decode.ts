import { common } from '../../kernel/errors.ts'
import type { WireRequest } from '../wire.ts'

/** How deep a body may be nested: no operation goes deeper than a handful. */
const MAX_DEPTH = 32

/** How many values a body may hold, one in another or side by side: far more than any operation takes. */
const MAX_VALUES = 16_384

/** The only way in which such text gets through UTF-8: an escape. */
const HALF_SURROGATE = /\\u[dD][89a-fA-F]/

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The service of a target may have its model's package before it: some clients of CloudTrail write that too. */
const TARGET = /^(?:com\.amazonaws\.[a-z0-9.]+\.)?([^.]+)\.([^.]+)$/

/** The operation that `X-Amz-Target` names, and before the dot its service; null where there is none. */
export function targetOf({ headers }: Pick<WireRequest, 'headers'>): { prefix: string; operation: string } | null {
  const [, prefix, operation] = TARGET.exec(headers['x-amz-target'] ?? '') ?? []
  return prefix === undefined || operation === undefined ? null : { prefix, operation }
}

/**
 * Reads a body as a JSON object; an empty one is an empty object, as AWS takes it.
 *
 * @throws SerializationException where it is not UTF-8, not JSON, not an object, nested too deeply, or of too many values
 */
export function decodeJson(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {}
  refuseCostly(body)
  let text: string
  let value: unknown
  try {
    text = utf8.decode(body)
    value = JSON.parse(text)
  } catch {
    throw common.SerializationException('The request body is not JSON in UTF-8.')
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw common.SerializationException('The request body must be a JSON object.')
  }
  // SECURITY: half a surrogate pair has no bytes. As bytes, an encryption context with one would be the same as another.
  if (HALF_SURROGATE.test(text) && !isWellFormed(value)) {
    throw common.SerializationException('The request body holds text that is no Unicode.')
  }
  return value as Readonly<Record<string, unknown>>
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/**
 * Refuses a body that would take long to read, before it is: what it costs goes by its values, not by its bytes.
 *
 * What is no JSON may be counted wrongly: it is refused one way or the other.
 */
function refuseCostly(body: Buffer): void {
  let depth = 0
  let values = 1
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (byte === QUOTE) at = endOfText(body, at)
    else if (byte === COMMA) values += 1
    else if (OPENING.has(byte)) {
      depth += 1
      values += 1
    } else if (CLOSING.has(byte)) depth -= 1
    if (depth > MAX_DEPTH) {
      throw common.SerializationException(`The request body is nested more than ${MAX_DEPTH} levels deep.`)
    }
    if (values > MAX_VALUES) {
      throw common.SerializationException(`The request body holds more than ${MAX_VALUES} values.`)
    }
  }
}

/** Where the quote is that ends a text, or the end of the body. */
function endOfText(body: Buffer, quote: number): number {
  let at = quote + 1
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1
  return at
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).every(([name, part]) => name.isWellFormed() && isWellFormed(part))
}
