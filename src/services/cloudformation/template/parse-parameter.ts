import { ValidationError } from './errors.ts'
import { written, type Path } from './paths.ts'
import { optionalText, refuseOthers, requireMembers, requireText } from './sections.ts'
import type { ParameterDeclaration } from './template.ts'
import { isMembers, scalarText, type Value } from './value.ts'

const MEMBERS = [
  'Type',
  'Default',
  'NoEcho',
  'AllowedValues',
  'AllowedPattern',
  'MaxLength',
  'MinLength',
  'MaxValue',
  'MinValue',
  'Description',
  'ConstraintDescription',
]

/** Types whose values are ids that services of AWS give: here they are text, and nobody looks whether there is such a thing. */
const SPECIFIC = /^AWS::(?:EC2|Route53)::[A-Za-z0-9]+::[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)?$/
const PARAMETER_STORE = /^AWS::SSM::Parameter::/
export const STORED_TEXT = 'AWS::SSM::Parameter::Value<String>'

/** Where the CDK keeps the version of what it has set up in an account. Nothing has to be set up here. */
const BOOTSTRAP_VERSION = /^\/cdk-bootstrap\/[A-Za-z0-9_-]{1,10}\/version$/
/** The version that the CDK finds there: one that all its templates of today take. */
const BOOTSTRAPPED = '30'

/** Reads what a template says of one of its parameters. */
export function parseParameter(value: Value, path: Path, name: string): ParameterDeclaration {
  const members = requireMembers(value, path)
  if (members.Type === undefined) {
    throw ValidationError(
      `Template format error: Every Parameters object must contain a Type member. (at ${written(path)})`,
    )
  }
  refuseOthers(
    members,
    MEMBERS,
    (others) => `Template format error: Invalid template parameter property '${others}' (at ${written(path)})`,
  )
  return {
    type: acceptType(requireText(members.Type, [...path, 'Type']), name),
    defaultValue: readDefault(members.Default, path),
    noEcho: scalarText(members.NoEcho) === 'true',
    description: optionalText(members.Description, [...path, 'Description']),
    allowedValues: readList(members.AllowedValues, [...path, 'AllowedValues']),
    allowedPattern: optionalText(members.AllowedPattern, [...path, 'AllowedPattern']),
    minLength: readNumber(members.MinLength, [...path, 'MinLength']),
    maxLength: readNumber(members.MaxLength, [...path, 'MaxLength']),
    minValue: readNumber(members.MinValue, [...path, 'MinValue']),
    maxValue: readNumber(members.MaxValue, [...path, 'MaxValue']),
    constraintDescription: optionalText(members.ConstraintDescription, [...path, 'ConstraintDescription']),
  }
}

/** Whether values of a type are lists. */
export function isListType(type: string): boolean {
  return type === 'CommaDelimitedList' || type.startsWith('List<')
}

/** What the parameter store of Systems Manager would hold under a name; null where there is no telling without it. */
export function storedText(name: string): string | null {
  return BOOTSTRAP_VERSION.test(name) ? BOOTSTRAPPED : null
}

function acceptType(type: string, name: string): string {
  if (['String', 'Number', 'List<Number>', 'List<String>', 'CommaDelimitedList', STORED_TEXT].includes(type))
    return type
  if (PARAMETER_STORE.test(type)) {
    throw ValidationError(
      `Parameter ${name} is of type ${type}, and this server has no Systems Manager. Make it a String, and give its value.`,
    )
  }
  const inner = /^List<(.+)>$/.exec(type)?.[1] ?? type
  if (SPECIFIC.test(inner)) return type
  throw ValidationError(`Template format error: Unrecognized parameter type: ${type}`)
}

function readDefault(value: Value | undefined, path: Path): string | null {
  if (Array.isArray(value) || isMembers(value)) {
    throw ValidationError(
      `Template format error: Every Default member must be a string. (at ${written([...path, 'Default'])})`,
    )
  }
  return optionalText(value, [...path, 'Default'])
}

function readList(value: Value | undefined, path: Path): readonly string[] | null {
  if (value === undefined) return null
  if (!Array.isArray(value)) {
    throw ValidationError(`Template format error: Every AllowedValues value must be a list. (at ${written(path)})`)
  }
  return value.map((each: Value) => requireText(each, path))
}

function readNumber(value: Value | undefined, path: Path): number | null {
  const text = optionalText(value, path)
  if (text === null) return null
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return number
  throw ValidationError(`Template format error: ${written(path)} must be a number, and is ${text.slice(0, 100)}.`)
}
