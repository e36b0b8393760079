import { z } from 'zod'
import { cut } from '../domain/text/cut.ts'
import { common } from './errors.ts'

/** How many broken constraints one refusal tells of. */
const MAX_COMPLAINTS = 10
/** How much of a value or a name a refusal repeats, in characters. */
const MAX_SHOWN = 1024

/** How a custom check says what is wrong. */
export type Complaint =
  /** The value is not of the wire's type. */
  | { readonly kind: 'serialization' }
  /** A constraint in AWS's words, put behind the value's place; the value itself is shown unless it is secret. */
  | { readonly kind: 'constraint'; readonly constraint: string; readonly secret: boolean }
  /** A sentence of its own. */
  | { readonly kind: 'sentence' }

/**
 * A list of at most `max` items. Its length is checked first: of a list that is too long, no item is looked at.
 *
 * Every list in every input is made by this, so that what a request costs does not grow faster than its size.
 */
export function list<Item extends z.ZodType>(item: Item, max: number) {
  return z.array(z.unknown()).max(max).pipe(z.array(item))
}

/**
 * A structure inside an input: a member that is null is absent there too.
 *
 * Every structure in every input is made by this, or by `strictStructure`. In a map, null is no value.
 */
export function structure<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(membersOf, z.object(shape))
}

/** The same, which refuses members that it does not know. */
export function strictStructure<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(membersOf, z.strictObject(shape))
}

/** The last second that a date can be, and as many before 1970. */
const LAST_SECOND = 8.64e12

/** Seconds since 1970, with fractions; what is beyond all dates is the last of them. */
export const timestamp = z
  .number()
  .transform((seconds) => new Date(Math.max(-LAST_SECOND, Math.min(LAST_SECOND, seconds)) * 1000))

/** The largest integer of AWS's models: what does not fit into 32 bits is no integer to its servers. */
const MAX_INTEGER = 2 ** 31 - 1

/** An integer from `min` to `max`. */
export function integer(min: number, max: number) {
  return z
    .number()
    .superRefine((value, context) => {
      if (Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER) return
      const complaint: Complaint = { kind: 'serialization' }
      context.addIssue({ code: 'custom', message: 'it is no integer of 32 bits', input: value, params: { complaint } })
    })
    .pipe(z.number().min(min).max(max))
}

/** The same as text, as the query protocol sends it. */
export function integerText(min: number, max: number) {
  return z
    .string()
    .transform((text, context): number => {
      if (/^-?\d{1,15}$/.test(text)) return Number(text)
      const complaint: Complaint = { kind: 'serialization' }
      context.addIssue({ code: 'custom', message: 'it is no integer of 32 bits', input: text, params: { complaint } })
      return z.NEVER
    })
    .pipe(integer(min, max))
}

/**
 * A pattern as AWS's model writes it, which is how a refusal tells it; the whole text must match, anchors or not.
 *
 * To be spread into `regex`.
 */
export function pattern(model: string, flags: 'u' | '' = ''): [RegExp, string] {
  return [new RegExp(`^(?:${model})$`, flags), model]
}

/**
 * Checks a request's body against an operation's input.
 *
 * The broken constraints are told at once, up to ten, in AWS's words. A member of the wrong JSON type is a
 * SerializationException, as is everything that AWS's servers cannot take apart. A member that is null is absent.
 */
export function parseInput<Input>(schema: z.ZodType<Input>, body: Readonly<Record<string, unknown>>): Input {
  const result = schema.safeParse(membersOf(body), { reportInput: true })
  if (result.success) return result.data
  throw refusalOf(result.error.issues)
}

/** A structure without what is absent of it; whatever else it is, as it is. */
function membersOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  const members = Object.entries(value)
  return members.some(([, member]) => member === null)
    ? Object.fromEntries(members.filter(([, member]) => member !== null))
    : value
}

type Issue = z.core.$ZodIssue

function refusalOf(issues: readonly Issue[]) {
  const broken = issues.find(isSerialization)
  if (broken !== undefined) {
    const place = broken.path.length === 0 ? 'The body' : placeOf(broken.path)
    return common.SerializationException(`${place} is not of the type that the operation takes: ${broken.message}`)
  }
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys')
  if (unknown !== undefined) {
    const names = unknown.keys.slice(0, MAX_COMPLAINTS).map((name) => placeOf([...unknown.path, name]))
    const more = unknown.keys.length > names.length ? ` and ${unknown.keys.length - names.length} more` : ''
    return common.ValidationException(`Not supported by this operation: ${names.join(', ')}${more}. Leave it out.`)
  }
  const sentence = issues.find((issue) => complaintOf(issue)?.kind === 'sentence')
  if (sentence !== undefined) return common.ValidationException(sentence.message)
  const count = issues.length === 1 ? '1 validation error' : `${issues.length} validation errors`
  const told = issues.slice(0, MAX_COMPLAINTS).map(describe).join('; ')
  const more = issues.length > MAX_COMPLAINTS ? `; and ${issues.length - MAX_COMPLAINTS} more` : ''
  return common.ValidationException(`${count} detected: ${told}${more}`)
}

function isSerialization(issue: Issue): boolean {
  if (issue.code === 'invalid_type') return issue.input !== undefined
  // A name in a map is refused only for what it is made of.
  return issue.code === 'invalid_key' || complaintOf(issue)?.kind === 'serialization'
}

function complaintOf(issue: Issue): Complaint | null {
  return issue.code === 'custom' ? ((issue.params?.complaint as Complaint | undefined) ?? null) : null
}

function describe(issue: Issue): string {
  const complaint = complaintOf(issue)
  const place = placeOf(issue.path)
  if (complaint?.kind === 'constraint') {
    const value = complaint.secret ? 'Value' : `Value '${show(issue.input)}'`
    return `${value} at '${place}' failed to satisfy constraint: ${complaint.constraint}`
  }
  if (issue.input === undefined) return `Value null at '${place}' failed to satisfy constraint: Member must not be null`
  return `Value '${show(issue.input)}' at '${place}' failed to satisfy constraint: ${constraintOf(issue)}`
}

function constraintOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_big':
      return `Member must have ${measured(issue.origin)} less than or equal to ${String(issue.maximum)}`
    case 'too_small':
      return `Member must have ${measured(issue.origin)} greater than or equal to ${String(issue.minimum)}`
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.message}`
    default:
      return issue.message
  }
}

function measured(origin: string): string {
  return origin === 'number' || origin === 'int' ? 'value' : 'length'
}

/** The path in AWS's spelling: lower camel case, list members counted from one. */
function placeOf(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `${part + 1}.member` : lowerCamel(String(part))))
  return cut(parts.join('.'), MAX_SHOWN)
}

function show(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
  return cut(text, MAX_SHOWN)
}

/** `KeyId` as `keyId`, `AWSAccountId` as `aWSAccountId`: as validation messages and records spell members. */
export function lowerCamel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
