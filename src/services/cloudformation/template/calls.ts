import { checkCall } from './check-call.ts'
import { functionIn, type Call, type Place } from './functions.ts'
import type { Path } from './paths.ts'
import { piecesOf, referenceOf } from './sub.ts'
import { isMembers, member, scalarText, type Members, type Value } from './value.ts'

/** Where values stand, and which language they are in. */
export interface Setting {
  readonly place: Place
  readonly extensions: boolean
  /** Which conditions hold, where that is known: the other branch of Fn::If is then not looked at. */
  readonly conditions: ReadonlyMap<string, boolean> | null
}

interface Placed {
  readonly call: Call
  readonly path: Path
}

/**
 * Every function in a value, the outer before the inner.
 *
 * @throws ValidationError where one cannot stand there, or has not the argument that it takes
 */
export function* callsIn(value: Value, path: Path, setting: Setting): Generator<Placed> {
  const call = functionIn(value, setting.place, path, setting.extensions)
  if (call !== null) {
    const inside = [...path, call.name]
    checkCall(call, inside)
    yield { call, path: inside }
    for (const [key, argument] of argumentsOf(call, setting)) yield* callsIn(argument, [...inside, key], setting)
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* callsIn(item, [...path, String(index)], setting)
  } else if (isMembers(value)) {
    for (const [name, each] of Object.entries(value)) yield* callsIn(each, [...path, name], setting)
  }
}

function argumentsOf({ name, argument }: Call, { conditions }: Setting): readonly (readonly [string, Value])[] {
  if (name === 'Fn::If') {
    const [condition = null, then = null, otherwise = null] = argument as readonly Value[]
    const holds = conditions?.get(scalarText(condition))
    if (holds === undefined)
      return [
        ['1', then],
        ['2', otherwise],
      ]
    return [holds ? ['1', then] : ['2', otherwise]]
  }
  // Names are no values: what stands there is not a function.
  if (name === 'Ref' || name === 'Condition' || name === 'Fn::RefAll') return []
  if (Array.isArray(argument)) return argument.map((each: Value, index) => [String(index), each])
  return [['', argument]]
}

/** What a function names outside itself. */
export type Reference =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly attribute: string | null }
  | { readonly kind: 'condition'; readonly name: string }
  | { readonly kind: 'mapping'; readonly name: string }

/** What a checked call names: parameters, resources, their attributes (null where not yet known), conditions, mappings. */
export function referencesOf({ name, argument }: Call, path: Path): readonly Reference[] {
  const list = Array.isArray(argument) ? (argument as readonly Value[]) : []
  switch (name) {
    case 'Ref':
      return [{ kind: 'name', name: scalarText(argument) }]
    case 'Condition':
      return [{ kind: 'condition', name: scalarText(argument) }]
    case 'Fn::If':
      return [{ kind: 'condition', name: scalarText(list[0]) }]
    case 'Fn::FindInMap':
      return typeof list[0] === 'string' ? [{ kind: 'mapping', name: list[0] }] : []
    case 'Fn::GetAtt': {
      const { name, attribute } = attributeOf(argument)
      return [{ kind: 'attribute', name, attribute: typeof attribute === 'string' ? attribute : null }]
    }
    case 'Fn::Sub':
      return namesInSub(argument, path).map((each) => {
        const { name, attribute } = referenceOf(each)
        return attribute === null ? { kind: 'name', name } : { kind: 'attribute', name, attribute }
      })
    default:
      return []
  }
}

/** The resource and the attribute that a checked Fn::GetAtt names. */
export function attributeOf(argument: Value): { readonly name: string; readonly attribute: Value } {
  if (typeof argument === 'string')
    return { ...referenceOf(argument), attribute: referenceOf(argument).attribute ?? '' }
  const [name = null, attribute = null] = argument as readonly Value[]
  return { name: scalarText(name), attribute }
}

/** The text and the variables of a checked Fn::Sub. */
export function partsOfSub(argument: Value): { readonly text: string; readonly variables: Members } {
  if (typeof argument === 'string') return { text: argument, variables: {} }
  const [text = '', variables = {}] = argument as readonly Value[]
  return { text: scalarText(text), variables: isMembers(variables) ? variables : {} }
}

function namesInSub(argument: Value, path: Path): readonly string[] {
  const { text, variables } = partsOfSub(argument)
  return piecesOf(text, path).flatMap((piece) =>
    'name' in piece && member(variables, piece.name) === undefined ? [piece.name] : [],
  )
}
