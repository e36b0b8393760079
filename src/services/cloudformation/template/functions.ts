import { ValidationError } from './errors.ts'
import { written, type Path } from './paths.ts'
import { isMembers, type Value } from './value.ts'

/** A function in a template, or a Ref. */
export interface Call {
  readonly name: string
  readonly argument: Value
}

/** Functions anywhere in a template, in its long forms. */
const EVERYWHERE = [
  'Ref',
  'Fn::Base64',
  'Fn::Cidr',
  'Fn::FindInMap',
  'Fn::GetAtt',
  'Fn::GetAZs',
  'Fn::If',
  'Fn::ImportValue',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::Sub',
]
/** Functions that say true or false. */
const BOOLEAN = ['Condition', 'Fn::And', 'Fn::Equals', 'Fn::Not', 'Fn::Or']
/** Functions of rules only. */
const RULES = [
  'Fn::Contains',
  'Fn::EachMemberEquals',
  'Fn::EachMemberIn',
  'Fn::RefAll',
  'Fn::ValueOf',
  'Fn::ValueOfAll',
]
/** Functions that come with `AWS::LanguageExtensions`. */
const EXTENSIONS = ['Fn::Length', 'Fn::ToJsonString']
/** Functions that CloudFormation has and this server has not. */
const REFUSED: Readonly<Record<string, string>> = {
  'Fn::Transform': 'this server has no macros. Process the template first, and send what comes out.',
  'Fn::ForEach': 'this server does not unfold loops. Write out what the loop makes.',
  'Fn::Cidr': 'no resource type of this server has addresses. Write the value itself.',
}

export type Place = 'value' | 'condition' | 'rule'

/**
 * The function that a value is; null where it is none.
 *
 * @throws ValidationError where it is one that cannot stand here
 */
export function functionIn(value: Value, place: Place, path: Path, extensions: boolean): Call | null {
  if (!isMembers(value)) return null
  const names = Object.keys(value)
  const name = names.find((each) => each.startsWith('Fn::')) ?? names.find((each) => each === 'Ref') ?? names[0]
  if (name === undefined) return null
  const isReference = name === 'Ref' || (name === 'Condition' && place !== 'value' && names.length === 1)
  if (!name.startsWith('Fn::') && !isReference) return null
  if (names.length > 1 && name !== 'Ref') {
    throw ValidationError(
      `Template error: every ${name} object must have one member only. Found ${names.join(', ')} at ${written(path)}`,
    )
  }
  if (names.length > 1) return null
  const known = [
    ...EVERYWHERE,
    ...(place === 'value' ? [] : BOOLEAN),
    ...(place === 'rule' ? RULES : []),
    ...(extensions ? EXTENSIONS : []),
  ]
  refuseFunction(name, path)
  if (!known.includes(name)) throw ValidationError(`Template error: ${misplaced(name)} (at ${written(path)})`)
  return { name, argument: value[name] ?? null }
}

/** @throws ValidationError where a name is that of a function that this server has not */
export function refuseFunction(name: string, path: Path): void {
  const refusal = Object.entries(REFUSED).find(([each]) => name === each || name.startsWith(`${each}::`))?.[1]
  if (refusal !== undefined) throw ValidationError(`Template error: ${name} at ${written(path)}: ${refusal}`)
}

/** Whether a value is a function that says true or false. */
export function isCondition(value: Value): boolean {
  return isMembers(value) && BOOLEAN.includes(Object.keys(value).join())
}

function misplaced(name: string): string {
  if (BOOLEAN.includes(name)) return `${name} cannot stand here. Put it in the Conditions block and use Fn::If`
  if (RULES.includes(name)) return `${name} can stand in the Rules block only`
  if (EXTENSIONS.includes(name)) return `${name} needs the template to say Transform: AWS::LanguageExtensions`
  return `${name} is no intrinsic function. Those that can stand here: ${EVERYWHERE.join(', ')}`
}
