import { nearest } from '../policy/vocabulary/nearest.ts'
import { KeyspanError } from './keyspan-error.ts'
import type { KeyspanOptions } from './public.ts'

/** Says what is wrong with a value; null where nothing is. */
type Check = (value: unknown) => string | null

const OPTIONS: Readonly<Record<keyof KeyspanOptions, Check>> = {
  seed: (value) =>
    typeof value === 'string' || isObject(value) ? null : 'is no seed: give its content, or the path of its file.',
  regions: (value) => (Array.isArray(value) ? null : "is no list, such as ['us-east-1', 'eu-west-1']."),
  credentials: credentialsMistake,
  port: (value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535 ? null : 'is no number from 0 to 65535.',
  enforcement: oneOf('enforce', 'log'),
  throttle: oneOf('off', 'aws'),
  log: oneOf('error', 'warn', 'info', 'silent'),
}

/**
 * Requires options that there are, and values that can be: whoever writes JavaScript has no other check.
 *
 * @throws KeyspanError about the first that cannot be
 */
export function requireOptions(options: KeyspanOptions): void {
  requireKnown(options, Object.keys(OPTIONS), 'startKeyspan()')
  for (const [name, check] of Object.entries(OPTIONS)) {
    const value: unknown = options[name as keyof KeyspanOptions]
    const mistake = value === undefined ? null : check(value)
    if (mistake !== null) throw new KeyspanError(`${name} ${mistake}`)
  }
}

/** Requires that all options are among those that there are. */
export function requireKnown(options: unknown, names: readonly string[], of: string): void {
  if (!isObject(options)) throw new KeyspanError(`${of} takes an object with ${names.join(', ')}.`)
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new KeyspanError(`${of} has no option "${unknown}". ${hint(unknown, names)}`)
}

function oneOf(...values: readonly string[]): Check {
  return (value) => {
    if (typeof value === 'string' && values.includes(value)) return null
    return `cannot be ${shown(value)}. ${hint(String(value), values)}`
  }
}

function credentialsMistake(value: unknown): string | null {
  if (!isObject(value)) return 'is no object with accessKeyId and secretAccessKey.'
  const { accessKeyId, secretAccessKey, ...others } = value as Readonly<Record<string, unknown>>
  const [other] = Object.keys(others)
  if (other !== undefined) return `has no "${other}". There are accessKeyId, secretAccessKey.`
  if (typeof accessKeyId !== 'string' || !/^\w{1,128}$/.test(accessKeyId)) {
    return `has ${shown(accessKeyId)} as accessKeyId: give letters, digits and _, up to 128 of them.`
  }
  if (typeof secretAccessKey === 'string' && secretAccessKey !== '') return null
  return 'has no text as secretAccessKey: give at least one character.'
}

function hint(written: string, names: readonly string[]): string {
  const meant = nearest(written, names)
  return meant === undefined ? `There are ${names.join(', ')}.` : `Did you mean "${meant}"?`
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
