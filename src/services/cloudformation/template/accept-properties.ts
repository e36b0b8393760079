import { ValidationError } from './errors.ts'
import type { ObjectSchema, PropertySchema, TypeFacts } from './type-facts.ts'
import { isMembers, member, scalarText, UNKNOWN, type Members, type Value } from './value.ts'

/** What is wrong, all of it. */
type Complaints = string[]

/**
 * The properties of a resource as its type has them: `"true"` for a boolean is one, and a number for a text is that. What
 * is not known yet passes.
 *
 * @throws ValidationError that names all that is wrong, in CloudFormation's words
 */
export function acceptProperties({ schema }: TypeFacts, logicalId: string, properties: Members): Members {
  const complaints: Complaints = []
  const accepted = acceptObject(properties, schema, '#', complaints)
  if (complaints.length === 0) return accepted
  throw ValidationError(
    `Properties validation failed for resource ${logicalId} with message:\n[${complaints.join(', ')}]`,
  )
}

function acceptObject(value: Members, schema: ObjectSchema, path: string, complaints: Complaints): Members {
  for (const name of schema.required) {
    if (member(value, name) === undefined) complaints.push(`${path}: required key [${name}] not found`)
  }
  const members = Object.entries(value).map(([name, each]) => {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (property !== undefined) return [name, accept(each, property, `${path}/${name}`, complaints)] as const
    complaints.push(`${path}: extraneous key [${name}] is not permitted`)
    return [name, each] as const
  })
  return Object.fromEntries(members)
}

function accept(value: Value, schema: PropertySchema, path: string, complaints: Complaints): Value {
  if (value === UNKNOWN) return value
  switch (schema.type) {
    case 'string':
      return acceptText(value, schema, path, complaints)
    case 'integer':
      return acceptInteger(value, schema, path, complaints)
    case 'boolean': {
      const text = scalarText(value).toLowerCase()
      if (text === 'true' || text === 'false') return text === 'true'
      complaints.push(unlike('Boolean', value, path))
      return value
    }
    case 'list': {
      if (!Array.isArray(value)) {
        complaints.push(unlike('JSONArray', value, path))
        return value
      }
      const { max = Infinity } = schema
      if (value.length > max) complaints.push(`${path}: expected maximum item count: ${max}, found: ${value.length}`)
      return value.map((each: Value, index) => accept(each, schema.items, `${path}/${index}`, complaints))
    }
    case 'object':
      if (isMembers(value)) return acceptObject(value, schema, path, complaints)
      complaints.push(unlike('JSONObject', value, path))
      return value
    case 'refused':
      complaints.push(`${path}: cannot be used, because ${schema.reason}`)
      return value
    case 'document':
      if (!isMembers(value) && typeof value !== 'string') complaints.push(unlike('JSONObject', value, path))
      return value
  }
}

type TextSchema = Extract<PropertySchema, { readonly type: 'string' }>

function acceptText(value: Value, schema: TextSchema, path: string, complaints: Complaints): Value {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    complaints.push(unlike('String', value, path))
    return value
  }
  const text = String(value)
  if ('enum' in schema) {
    if (!schema.enum.includes(text)) {
      complaints.push(`${path}: ${cut(text)} is not a valid enum value (it is one of ${schema.enum.join(', ')})`)
    }
    return text
  }
  const { min = 0, max = Infinity, pattern } = schema
  if (text.length < min) complaints.push(`${path}: expected minLength: ${min}, actual: ${text.length}`)
  if (text.length > max) complaints.push(`${path}: expected maxLength: ${max}, actual: ${text.length}`)
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) {
    complaints.push(
      `${path}: failed validation constraint for keyword [pattern]: ${cut(text)} does not match ${pattern}`,
    )
  }
  return text
}

function acceptInteger(
  value: Value,
  { min = -Infinity, max = Infinity }: { readonly min?: number; readonly max?: number },
  path: string,
  complaints: Complaints,
): Value {
  const text = scalarText(value)
  if (typeof value === 'boolean' || !/^-?\d{1,15}$/.test(text)) {
    complaints.push(unlike('Integer', value, path))
    return value
  }
  const number = Number(text)
  if (number < min) complaints.push(`${path}: ${text} is not greater or equal to ${min}`)
  if (number > max) complaints.push(`${path}: ${text} is not less or equal to ${max}`)
  return number
}

function unlike(type: string, value: Value, path: string): string {
  if (Array.isArray(value)) return `${path}: expected type: ${type}, found: JSONArray`
  if (isMembers(value)) return `${path}: expected type: ${type}, found: JSONObject`
  const found = typeof value === 'number' ? 'Number' : typeof value === 'boolean' ? 'Boolean' : 'String'
  return `${path}: expected type: ${type}, found: ${found} (${cut(scalarText(value))})`
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text
}
