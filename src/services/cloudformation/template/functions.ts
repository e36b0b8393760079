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
  const name = names.find((each) => each.startsWith('Fn::') || each === 'Ref') ?? names[0]
  if (name === undefined) return null
  const isCondition = name === 'Condition' && place !== 'value' && names.length === 1
  if (!name.startsWith('Fn::') && name !== 'Ref' && !isCondition) return null
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
  const refusal = REFUSED[name.startsWith('Fn::ForEach') ? 'Fn::ForEach' : name]
  if (refusal !== undefined) throw ValidationError(`Template error: ${name} at ${written(path)}: ${refusal}`)
  if (!known.includes(name)) throw ValidationError(`Template error: ${misplaced(name)} (at ${written(path)})`)
  return { name, argument: value[name] ?? null }
}

function misplaced(name: string): string {
  if (BOOLEAN.includes(name)) return `${name} cannot stand here. Put it in the Conditions block and use Fn::If`
  if (RULES.includes(name)) return `${name} can stand in the Rules block only`
  if (EXTENSIONS.includes(name)) return `${name} needs the template to say Transform: AWS::LanguageExtensions`
  return `${name} is no intrinsic function. Those that can stand here: ${EVERYWHERE.join(', ')}`
}
