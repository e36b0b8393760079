import { attributeOf, partsOfSub } from './calls.ts'
import { ValidationError } from './errors.ts'
import { functionIn, type Place } from './functions.ts'
import { MADE_CHARACTERS } from './limits.ts'
import { parameterValue, type ParameterValues } from './parameters.ts'
import { written, type Path } from './paths.ts'
import { NO_VALUE, pseudoParameter, type Surroundings } from './pseudo-parameters.ts'
import { piecesOf, referenceOf } from './sub.ts'
import type { Template } from './template.ts'
import { isMembers, member, scalarText, UNKNOWN, type Value } from './value.ts'

/** What there is outside a template: what was made of its resources, and what other stacks export. */
export interface World {
  /** By logical id. Of what is not there, everything is unknown. */
  readonly made: ReadonlyMap<
    string,
    { readonly physicalId: string; readonly attributes: Readonly<Record<string, string>> }
  >
  /** By the name of the export. */
  readonly imports: ReadonlyMap<string, string>
}

export const EMPTY_WORLD: World = { made: new Map(), imports: new Map() }

/** What functions are resolved against. */
export interface Scope {
  readonly template: Template
  readonly surroundings: Surroundings
  readonly parameters: ParameterValues
  /** Those that have been decided. */
  readonly conditions: ReadonlyMap<string, boolean>
  readonly world: World
}

/** One resolution, which may make so many characters yet. */
interface Resolution extends Scope {
  readonly place: Place
  left: number
}

/** What `AWS::NoValue` leaves: whatever holds it loses it. */
const NOTHING: Value = Object.freeze({})

/**
 * A value of a checked template with its functions resolved. What is not made yet is UNKNOWN, and so is what is made of
 * it; undefined where the value is `AWS::NoValue`.
 *
 * @throws ValidationError where a function gets what it cannot use
 */
export function resolveValue(value: Value, path: Path, scope: Scope, place: Place = 'value'): Value | undefined {
  const found = resolve(value, path, { ...scope, place, left: MADE_CHARACTERS })
  return found === NOTHING ? undefined : found
}

function resolve(value: Value, path: Path, now: Resolution): Value {
  const call = functionIn(value, now.place, path, now.template.transforms.length > 0)
  if (call !== null) {
    const run = FUNCTIONS[call.name]
    if (run === undefined) throw new Error(`INVARIANT: ${call.name} is a function that can be resolved`)
    return run(call.argument, [...path, call.name], now)
  }
  if (Array.isArray(value)) {
    return value
      .map((each: Value, index) => resolve(each, [...path, String(index)], now))
      .filter((each) => each !== NOTHING)
  }
  if (!isMembers(value)) return value
  const members = Object.entries(value).map(([name, each]) => [name, resolve(each, [...path, name], now)] as const)
  return Object.fromEntries(members.filter(([, each]) => each !== NOTHING))
}

type Run = (argument: Value, path: Path, now: Resolution) => Value

const FUNCTIONS: Readonly<Record<string, Run>> = {
  Ref: (argument, path, now) => refer(scalarText(argument), path, now),
  Condition: (argument, path, now) => decided(scalarText(argument), path, now),
  'Fn::GetAtt'(argument, path, now) {
    const { name, attribute } = attributeOf(argument)
    const resolved = resolve(attribute, path, now)
    return resolved === UNKNOWN ? UNKNOWN : attributeIn(name, textOf(resolved, path), path, now)
  },
  'Fn::Sub': substitute,
  'Fn::Join'(argument, path, now) {
    const [delimiter = '', items = []] = argument as readonly Value[]
    const list = resolve(items, path, now)
    if (list === UNKNOWN) return UNKNOWN
    const texts = textsOf(list, path)
    return texts === UNKNOWN ? UNKNOWN : made(texts.join(scalarText(delimiter)), path, now)
  },
  'Fn::Split'(argument, path, now) {
    const [delimiter = '', text = ''] = argument as readonly Value[]
    const whole = resolve(text, path, now)
    return whole === UNKNOWN ? UNKNOWN : made(textOf(whole, path), path, now).split(scalarText(delimiter))
  },
  'Fn::Select': select,
  'Fn::FindInMap': findInMap,
  'Fn::Base64'(argument, path, now) {
    const text = resolve(argument, path, now)
    return text === UNKNOWN ? UNKNOWN : made(Buffer.from(textOf(text, path)).toString('base64'), path, now)
  },
  'Fn::GetAZs'(argument, path, now) {
    const region = resolve(argument, path, now)
    if (region === UNKNOWN) return UNKNOWN
    const name = textOf(region, path) || now.surroundings.region
    return ['a', 'b', 'c'].map((zone) => `${name}${zone}`)
  },
  'Fn::ImportValue'(argument, path, now) {
    const name = nameOfImport(argument, path, now)
    const value = now.world.imports.get(name)
    if (value === undefined) throw ValidationError(`No export named ${name} found. (at ${written(path)})`)
    return value
  },
  'Fn::If'(argument, path, now) {
    const [condition = null, then = null, otherwise = null] = argument as readonly Value[]
    return decided(scalarText(condition), path, now)
      ? resolve(then, [...path, '1'], now)
      : resolve(otherwise, [...path, '2'], now)
  },
  'Fn::Equals'(argument, path, now) {
    const [a = null, b = null] = (argument as readonly Value[]).map((each) => resolve(each, path, now))
    return comparable(a) === comparable(b)
  },
  'Fn::And': (argument, path, now) => (argument as readonly Value[]).every((each) => truth(each, path, now)),
  'Fn::Or': (argument, path, now) => (argument as readonly Value[]).some((each) => truth(each, path, now)),
  'Fn::Not': (argument, path, now) => !truth((argument as readonly Value[])[0] ?? null, path, now),
  'Fn::Contains'(argument, path, now) {
    const [list, text] = twoOf(argument, path, now)
    return itemsIn(list, path).includes(textOf(text, path))
  },
  'Fn::EachMemberEquals'(argument, path, now) {
    const [list, text] = twoOf(argument, path, now)
    return itemsIn(list, path).every((each) => each === textOf(text, path))
  },
  'Fn::EachMemberIn'(argument, path, now) {
    const [some, all] = twoOf(argument, path, now)
    const known = itemsIn(all, path)
    return itemsIn(some, path).every((each) => known.includes(each))
  },
  'Fn::RefAll': (argument, _path, { template, parameters }) =>
    [...template.parameters].filter(([, { type }]) => type === argument).map(([name]) => parameters.get(name) ?? ''),
  'Fn::ValueOf': refuseService,
  'Fn::ValueOfAll': refuseService,
  'Fn::Length'(argument, path, now) {
    const list = resolve(argument, path, now)
    if (list === UNKNOWN) return UNKNOWN
    if (Array.isArray(list)) return (list as readonly Value[]).length
    throw ValidationError(`Template error: Fn::Length at ${written(path)} requires a list.`)
  },
  'Fn::ToJsonString'(argument, path, now) {
    const value = resolve(argument, path, now)
    return hasUnknown(value) ? UNKNOWN : made(JSON.stringify(value), path, now)
  },
}

/** The name of an export that is asked for. It depends on nothing that has to be made first. */
export function nameOfImport(argument: Value, path: Path, scope: Scope): string {
  const name = resolveValue(argument, path, { ...scope, world: EMPTY_WORLD })
  if (name !== UNKNOWN && name !== undefined) return textOf(name, path)
  throw ValidationError(
    'Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs ' +
      `(at ${written(path)})`,
  )
}

function refer(name: string, path: Path, { template, surroundings, parameters, world }: Resolution): Value {
  if (name === NO_VALUE) return NOTHING
  const declared = template.parameters.get(name)
  if (declared !== undefined) return parameterValue(parameters.get(name) ?? '', declared.type)
  const pseudo = pseudoParameter(name, surroundings)
  if (pseudo !== undefined) return pseudo
  if (template.resources.has(name)) return world.made.get(name)?.physicalId ?? UNKNOWN
  throw ValidationError(`Template error: there is no ${name} to refer to (at ${written(path)})`)
}

function attributeIn(name: string, attribute: string, path: Path, { world }: Resolution): Value {
  const found = world.made.get(name)
  if (found === undefined) return UNKNOWN
  const value = Object.hasOwn(found.attributes, attribute) ? found.attributes[attribute] : undefined
  if (value !== undefined) return value
  throw ValidationError(
    `Template error: resource ${name} does not support attribute type ${attribute} in Fn::GetAtt (at ${written(path)})`,
  )
}

function decided(name: string, path: Path, { conditions }: Scope): boolean {
  const holds = conditions.get(name)
  if (holds !== undefined) return holds
  throw ValidationError(`Template error: there is no condition ${name} (at ${written(path)})`)
}

function substitute(argument: Value, path: Path, now: Resolution): Value {
  const { text, variables } = partsOfSub(argument)
  const values = new Map<string, Value>(
    Object.entries(variables).map(([name, value]) => [name, resolve(value, [...path, name], now)]),
  )
  const texts = piecesOf(text, path).map((piece) => {
    if ('text' in piece) return piece.text
    const own = member(variables, piece.name) === undefined ? undefined : values.get(piece.name)
    const { name, attribute } = referenceOf(piece.name)
    const value: Value = own ?? (attribute === null ? refer(name, path, now) : attributeIn(name, attribute, path, now))
    if (value === UNKNOWN) return UNKNOWN
    return made(textOf(value, [...path, piece.name]), path, now)
  })
  return texts.includes(UNKNOWN) ? UNKNOWN : made(texts.join(''), path, now)
}

function select(argument: Value, path: Path, now: Resolution): Value {
  const [index, list] = twoOf(argument, path, now)
  if (index === UNKNOWN || list === UNKNOWN) return UNKNOWN
  const place = textOf(index, path)
  if (!Array.isArray(list) || !/^\d+$/.test(place)) {
    throw ValidationError(
      `Template error: Fn::Select requires a list argument with a valid index value (at ${written(path)})`,
    )
  }
  const found = (list as readonly Value[])[Number(place)]
  if (found !== undefined) return found
  throw ValidationError(
    `Template error: Fn::Select cannot select nonexistent value at index ${place} (at ${written(path)})`,
  )
}

function findInMap(argument: Value, path: Path, now: Resolution): Value {
  const [map = '', first = '', second = '', options = {}] = argument as readonly Value[]
  const parts: readonly Value[] = [map, first, second]
  const names = parts.map((each) => resolve(each, path, now))
  if (names.includes(UNKNOWN)) return UNKNOWN
  const [name = '', key = '', attribute = ''] = names.map((each) => textOf(each, path))
  const found = now.template.mappings.get(name)?.get(key)?.get(attribute)
  if (found !== undefined) {
    made(Array.isArray(found) ? found.join('') : scalarText(found), path, now)
    return found
  }
  const fallback = isMembers(options) ? member(options, 'DefaultValue') : undefined
  if (fallback !== undefined && now.template.transforms.length > 0) return resolve(fallback, path, now)
  throw ValidationError(`Template error: Unable to get mapping for ${name}::${key}::${attribute} (at ${written(path)})`)
}

function refuseService(_argument: Value, path: Path): Value {
  throw ValidationError(
    `Template error: ${path.at(-1)} at ${written(path)} asks for what other services know of a value, and they are not here.`,
  )
}

function twoOf(argument: Value, path: Path, now: Resolution): readonly [Value, Value] {
  const [a = null, b = null] = argument as readonly Value[]
  return [resolve(a, path, now), resolve(b, path, now)]
}

function truth(value: Value, path: Path, now: Resolution): boolean {
  const found = resolve(value, path, now)
  if (found === true || found === 'true') return true
  if (found === false || found === 'false') return false
  throw ValidationError(`Template error: ${written(path)} requires boolean parameters.`)
}

/** A value as Fn::Equals compares it: numbers and booleans are the texts that they are written as. */
function comparable(value: Value): string {
  if (!Array.isArray(value) && !isMembers(value)) return JSON.stringify(scalarText(value))
  return JSON.stringify(value, (_name, each: Value) => (typeof each === 'object' ? each : scalarText(each)))
}

function textOf(value: Value, path: Path): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const found = Array.isArray(value) ? 'a list' : 'an object'
  throw ValidationError(`Template error: a String is needed at ${written(path)}, and ${found} is there.`)
}

function textsOf(list: Value, path: Path): readonly string[] | typeof UNKNOWN {
  if (!Array.isArray(list)) throw ValidationError(`Template error: a list is needed at ${written(path)}.`)
  if (list.includes(UNKNOWN)) return UNKNOWN
  return list.map((each: Value) => textOf(each, path))
}

function itemsIn(list: Value, path: Path): readonly string[] {
  const texts = textsOf(list, path)
  return texts === UNKNOWN ? [] : texts
}

/** Whether anything in a value is unknown. */
export function hasUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true
  if (Array.isArray(value)) return (value as readonly Value[]).some(hasUnknown)
  return isMembers(value) && Object.values(value).some(hasUnknown)
}

/** Counts what a function has made: functions in functions can double it many times over. */
function made(text: string, path: Path, now: Resolution): string {
  now.left -= text.length
  if (now.left >= 0) return text
  throw ValidationError(
    `Template error: the values at ${written(path.slice(0, 4))} grow beyond ${MADE_CHARACTERS} characters.`,
  )
}
