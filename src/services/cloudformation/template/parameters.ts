import { ValidationError } from './errors.ts'
import { PARAMETER_VALUE_BYTES } from './limits.ts'
import { isListType, STORED_TEXT, storedText } from './parse-parameter.ts'
import { createMatcher, type Matcher } from './patterns.ts'
import type { ParameterDeclaration, Template } from './template.ts'
import type { Value } from './value.ts'

/** A parameter as a request gives it. */
export interface GivenParameter {
  readonly ParameterKey: string
  readonly ParameterValue?: string | undefined
  readonly UsePreviousValue?: boolean | undefined
}

/** What was accepted, by name, as the text that was given. */
export type ParameterValues = ReadonlyMap<string, string>

/**
 * The values of a template's parameters: those that are given, those that the stack has where that is asked for, and
 * defaults for the rest.
 *
 * @param previous what the stack has; null where it is new
 * @throws ValidationError where one is missing, unknown, given twice, or breaks what the template says of it
 */
export function acceptParameters(
  { parameters }: Template,
  given: readonly GivenParameter[],
  previous: ParameterValues | null,
): ParameterValues {
  refuseNames(
    given.map(({ ParameterKey }) => ParameterKey).filter((key) => !parameters.has(key)),
    'do not exist in the template',
  )
  const keys = given.map(({ ParameterKey }) => ParameterKey)
  refuseNames(
    keys.filter((key, index) => keys.indexOf(key) < index),
    'are given more than once',
  )
  const asked = new Map(given.map((each) => [each.ParameterKey, valueOf(each, previous)]))
  const all = [...parameters].map(([name, { defaultValue }]) => [name, asked.get(name) ?? defaultValue] as const)
  refuseNames(
    all.filter(([, value]) => value === null).map(([name]) => name),
    'must have values',
  )
  const matches = createMatcher()
  const values = new Map(all.map(([name, value]) => [name, value ?? '']))
  for (const [name, declared] of parameters) acceptValue(name, values.get(name) ?? '', declared, matches)
  return values
}

function refuseNames(names: readonly string[], complaint: string): void {
  if (names.length > 0) throw ValidationError(`Parameters: [${[...new Set(names)].join(', ')}] ${complaint}`)
}

function valueOf({ ParameterKey, ParameterValue, UsePreviousValue }: GivenParameter, previous: ParameterValues | null) {
  const invalid = `Invalid input for parameter key ${ParameterKey}.`
  if (UsePreviousValue !== true) {
    if (ParameterValue !== undefined) return ParameterValue
    throw ValidationError(
      `${invalid} Needs to specify either usePreviousValue as true or non empty value for a parameter`,
    )
  }
  if (ParameterValue !== undefined && ParameterValue !== '') {
    throw ValidationError(`${invalid} Cannot specify usePreviousValue as true and non empty value for a parameter`)
  }
  const value = previous?.get(ParameterKey)
  if (value !== undefined) return value
  throw ValidationError(
    `${invalid} Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
  )
}

/** The values that a parameter's constraints are about: the items of a list, or the one value. */
function itemsOf(value: string, type: string): readonly string[] {
  if (!isListType(type)) return [value]
  return value === '' ? [] : value.split(',').map((item) => item.trim())
}

function acceptValue(name: string, value: string, declared: ParameterDeclaration, matches: Matcher): void {
  if (Buffer.byteLength(value) > PARAMETER_VALUE_BYTES) {
    throw ValidationError(`Parameter '${name}' must not be longer than ${PARAMETER_VALUE_BYTES} bytes`)
  }
  if (declared.type === STORED_TEXT && storedText(value) === null) {
    throw ValidationError(
      `Unable to fetch parameters [${value}] from parameter store for this account: this server has no Systems ` +
        `Manager. Make the parameter ${name} a String, and give its value.`,
    )
  }
  for (const item of itemsOf(value, declared.type)) {
    const complaint = complaintOf(name, item, declared, matches)
    if (complaint === null) continue
    const { constraintDescription } = declared
    throw ValidationError(
      constraintDescription === null || complaint.isType
        ? `Parameter '${name}' ${complaint.text}`
        : `Parameter ${name} failed to satisfy constraint: ${constraintDescription}`,
    )
  }
}

function complaintOf(
  name: string,
  value: string,
  declared: ParameterDeclaration,
  matches: Matcher,
): { readonly text: string; readonly isType?: true } | null {
  const { type, allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } = declared
  if (type === 'Number' || type === 'List<Number>') {
    if (value.trim() === '' || !Number.isFinite(Number(value))) return { text: 'must be a number.', isType: true }
    if (minValue !== null && Number(value) < minValue) return { text: `must be a number not less than ${minValue}` }
    if (maxValue !== null && Number(value) > maxValue) return { text: `must be a number not greater than ${maxValue}` }
  }
  if (allowedValues !== null && !allowedValues.includes(value)) {
    return { text: `must be one of AllowedValues: ${allowedValues.join(', ')}` }
  }
  if (minLength !== null && value.length < minLength) return { text: `must contain at least ${minLength} characters` }
  if (maxLength !== null && value.length > maxLength) return { text: `must contain at most ${maxLength} characters` }
  if (allowedPattern !== null && !matches(allowedPattern, value, name)) {
    return { text: `must match pattern ${allowedPattern}` }
  }
  return null
}

/** What Ref gives of an accepted value. */
export function parameterValue(value: string, type: string): Value {
  return isListType(type) ? itemsOf(value, type) : (resolvedValue(value, type) ?? value)
}

function resolvedValue(value: string, type: string): string | null {
  return type === STORED_TEXT ? storedText(value) : null
}

/** The parameters of a stack as answers show them: what must not be echoed is hidden. */
export function shownParameters({ parameters }: Template, values: ParameterValues) {
  return [...parameters].map(([name, { type, noEcho }]) => {
    const value = values.get(name) ?? ''
    const resolved = resolvedValue(value, type)
    return {
      ParameterKey: name,
      ParameterValue: noEcho ? '****' : value,
      ...(resolved !== null && { ResolvedValue: resolved }),
    }
  })
}
