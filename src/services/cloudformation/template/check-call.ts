import { ValidationError } from './errors.ts'
import type { Call } from './functions.ts'
import { written, type Path } from './paths.ts'
import { isMembers, type Value } from './value.ts'

type Check = (argument: Value) => boolean

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)
const isText = (value: Value | undefined) => typeof value === 'string' || typeof value === 'number'
const isName = (value: Value | undefined) => typeof value === 'string' && value !== ''
const isScalar = (value: Value | undefined) => isText(value) || typeof value === 'boolean'
const canBeText = (value: Value | undefined) => isScalar(value) || isMembers(value)
const canBeList = (value: Value | undefined) => isList(value) || isMembers(value)
const hasLength = (value: Value, least: number, most = least): value is readonly Value[] =>
  isList(value) && value.length >= least && value.length <= most

const twoTexts = 'object requires a list of 2 string parameters.'

/** The shape that a function's argument must have, and what CloudFormation says where it has not. */
const SHAPES: Readonly<Record<string, readonly [Check, string]>> = {
  Ref: [isName, 'every Ref object must have a single String value.'],
  Condition: [isName, 'every Condition object must name a condition.'],
  'Fn::Base64': [canBeText, 'every Fn::Base64 object must have a String-typed value.'],
  'Fn::GetAZs': [canBeText, 'every Fn::GetAZs object must have a String-typed value.'],
  'Fn::GetAtt': [
    (value) =>
      (typeof value === 'string' && value.includes('.')) ||
      (hasLength(value, 2) && isName(value[0]) && (isName(value[1]) || isMembers(value[1]))),
    'every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  ],
  'Fn::ImportValue': [
    canBeText,
    'the attribute in Fn::ImportValue must be a string or a function that returns a string',
  ],
  'Fn::Join': [
    (value) => hasLength(value, 2) && isText(value[0]) && canBeList(value[1]),
    'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
  ],
  'Fn::Split': [
    (value) => hasLength(value, 2) && isName(value[0]) && canBeText(value[1]),
    'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
  ],
  'Fn::Select': [
    (value) => hasLength(value, 2) && canBeText(value[0]) && canBeList(value[1]),
    'Fn::Select requires a list argument with two elements: an integer index and a list',
  ],
  'Fn::Sub': [
    (value) =>
      typeof value === 'string' ||
      (hasLength(value, 1, 2) && typeof value[0] === 'string' && (value.length === 1 || isMembers(value[1]))),
    "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
  ],
  'Fn::FindInMap': [
    (value) => hasLength(value, 3, 4) && value.slice(0, 3).every(canBeText),
    'every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
  ],
  'Fn::If': [
    (value) => hasLength(value, 3) && isName(value[0]),
    'Fn::If requires a list argument with three elements, the first of which is a condition',
  ],
  'Fn::Equals': [(value) => hasLength(value, 2), `every Fn::Equals ${twoTexts}`],
  'Fn::And': [
    (value) => hasLength(value, 2, 10),
    'every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.',
  ],
  'Fn::Or': [
    (value) => hasLength(value, 2, 10),
    'every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.',
  ],
  'Fn::Not': [(value) => hasLength(value, 1), 'every Fn::Not object requires one boolean parameter.'],
  'Fn::Contains': [
    (value) => hasLength(value, 2) && canBeList(value[0]) && canBeText(value[1]),
    'every Fn::Contains object requires a list of strings and a string.',
  ],
  'Fn::EachMemberEquals': [
    (value) => hasLength(value, 2) && canBeList(value[0]) && canBeText(value[1]),
    'every Fn::EachMemberEquals object requires a list of strings and a string.',
  ],
  'Fn::EachMemberIn': [
    (value) => hasLength(value, 2) && value.every(canBeList),
    'every Fn::EachMemberIn object requires two lists of strings.',
  ],
  'Fn::RefAll': [isName, 'every Fn::RefAll object must name a type of parameters.'],
  'Fn::ValueOf': [
    (value) => hasLength(value, 2) && value.every(isName),
    'every Fn::ValueOf object requires the name of a parameter and an attribute.',
  ],
  'Fn::ValueOfAll': [
    (value) => hasLength(value, 2) && value.every(isName),
    'every Fn::ValueOfAll object requires a type of parameters and an attribute.',
  ],
  'Fn::Length': [canBeList, 'every Fn::Length object requires a list.'],
  'Fn::ToJsonString': [canBeList, 'every Fn::ToJsonString object requires an object or a list.'],
}

/** @throws ValidationError where the argument has not the shape that the function takes */
export function checkCall({ name, argument }: Call, path: Path): void {
  const shape = SHAPES[name]
  if (shape === undefined) throw new Error(`INVARIANT: ${name} has a shape`)
  const [isRight, complaint] = shape
  if (!isRight(argument)) throw ValidationError(`Template error: ${complaint} (at ${written(path)})`)
}
