import { common } from '../../kernel/errors.ts'
import type { WireRequest } from '../wire.ts'

/** How deep a body may be nested: no operation goes deeper than a handful. */
const MAX_DEPTH = 32

/** The only way in which such text gets through UTF-8: an escape. */
const HALF_SURROGATE = /\\u[dD][89a-fA-F]/

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The operation that `X-Amz-Target` names, and before the dot its service; null where there is none. */
export function targetOf({ headers }: WireRequest): { prefix: string; operation: string } | null {
  const [prefix, operation, ...more] = (headers['x-amz-target'] ?? '').split('.')
  return prefix && operation && more.length === 0 ? { prefix, operation } : null
}

/**
 * Reads a body as a JSON object; an empty one is an empty object, as AWS takes it.
 *
 * @throws SerializationException where it is not UTF-8, not JSON, not an object, or nested too deeply
 */
export function decodeJson(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {}
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
  if (isDeeper(value, MAX_DEPTH)) {
    throw common.SerializationException(`The request body is nested more than ${MAX_DEPTH} levels deep.`)
  }
  // SECURITY: half a surrogate pair has no bytes. As bytes, an encryption context with one would be the same as another.
  if (HALF_SURROGATE.test(text) && !isWellFormed(value)) {
    throw common.SerializationException('The request body holds text that is no Unicode.')
  }
  return value as Readonly<Record<string, unknown>>
}

function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1))
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).every(([name, part]) => name.isWellFormed() && isWellFormed(part))
}
