import { type Operator, parseOperator } from '../conditions/operator.ts'
import type { Effect } from '../parse/document.ts'
import type { JsonMember, JsonNode } from '../parse/parse-json.ts'
import type { PathElement, Spot } from './finding.ts'
import type { Notebook } from './notebook.ts'

/** A string of a document. */
export interface Value extends Spot {
  readonly text: string
}

/** `Action` or `Resource`, or its contrary. */
export interface Element extends Spot {
  readonly name: string
  readonly isNegated: boolean
  readonly values: readonly Value[]
}

/** A principal and its type. */
export interface NamedPrincipal extends Value {
  readonly type: string
}

/** `Principal` or `NotPrincipal`. */
export interface PrincipalElement extends Spot {
  readonly isNegated: boolean
  readonly entries: readonly NamedPrincipal[]
}

/** One operator on one key. The spot is that of what the key is compared with. */
export interface Clause extends Spot {
  /** Undefined where there is no such operator. */
  readonly operator: Operator | undefined
  readonly operatorName: string
  readonly key: string
  readonly keySpot: Spot
  readonly values: readonly Value[]
}

/** A statement, as far as it can be read. */
export interface LintedStatement extends Spot {
  readonly members: readonly JsonMember[]
  readonly effect: Effect | undefined
  readonly sid: Value | undefined
  readonly principal: PrincipalElement | undefined
  readonly action: Element | undefined
  readonly resource: Element | undefined
  readonly clauses: readonly Clause[]
}

/** The spot of a node on a path. */
export function spotOf(path: readonly PathElement[], { at, end }: Pick<Spot, 'at' | 'end'>): Spot {
  return { path, at, end }
}

/** The path to the value of a member. */
export function into(path: readonly PathElement[], name: string): readonly PathElement[] {
  return [...path, { value: name }]
}

/** The spot of a member's name. */
export function nameSpot(path: readonly PathElement[], member: JsonMember): Spot {
  return spotOf([...path, { key: member.name }], member)
}

/** Notes that a value is of the wrong type. */
export function mismatch(book: Notebook, spot: Spot, type: string): void {
  book.note('DATA_TYPE_MISMATCH', `The text does not match the expected JSON data type ${type}.`, spot)
}

/** Reads a statement; what has the wrong type is noted, and left out. */
export function readStatement(book: Notebook, node: JsonNode, path: readonly PathElement[]): LintedStatement | null {
  const here = spotOf(path, node)
  if (node.kind !== 'object') {
    mismatch(book, here, 'Object')
    return null
  }
  const { members } = node
  const find = (name: string) => members.find((member) => member.name === name)
  const sid = find('Sid')
  const effect = find('Effect')?.value
  const condition = find('Condition')
  return {
    ...here,
    members,
    effect: effect?.kind === 'string' && isEffect(effect.value) ? effect.value : undefined,
    sid: sid === undefined ? undefined : readStrings(book, sid.value, into(path, 'Sid'), false)[0],
    principal: readPrincipal(book, find('Principal') ?? find('NotPrincipal'), path),
    action: readElement(book, find('Action') ?? find('NotAction'), path),
    resource: readElement(book, find('Resource') ?? find('NotResource'), path),
    clauses: condition === undefined ? [] : readClauses(book, condition.value, into(path, 'Condition')),
  }
}

function isEffect(text: string): text is Effect {
  return text === 'Allow' || text === 'Deny'
}

function readElement(
  book: Notebook,
  member: JsonMember | undefined,
  path: readonly PathElement[],
): Element | undefined {
  if (member === undefined) return undefined
  const here = into(path, member.name)
  const values = readStrings(book, member.value, here)
  return { ...spotOf(here, member.value), name: member.name, isNegated: member.name.startsWith('Not'), values }
}

function readStrings(book: Notebook, node: JsonNode, path: readonly PathElement[], mayBeList = true): Value[] {
  const isList = node.kind === 'array' && mayBeList
  return (isList ? node.items : [node]).flatMap((item, index) => {
    const spot = spotOf(isList ? [...path, { index }] : path, item)
    if (item.kind === 'string') return { ...spot, text: item.value }
    mismatch(book, spot, 'String')
    return []
  })
}

function readPrincipal(
  book: Notebook,
  member: JsonMember | undefined,
  path: readonly PathElement[],
): PrincipalElement | undefined {
  if (member === undefined) return undefined
  const here = into(path, member.name)
  const { value } = member
  const element = { ...spotOf(here, value), isNegated: member.name === 'NotPrincipal' }
  if (value.kind === 'string' && value.value === '*') {
    return { ...element, entries: [{ ...spotOf(here, value), type: 'AWS', text: '*' }] }
  }
  if (value.kind !== 'object') {
    const format = 'The Principal element contents are not valid. Specify a key-value pair in the Principal element.'
    book.note('INVALID_PRINCIPAL_FORMAT', format, element)
    return { ...element, entries: [] }
  }
  const entries = value.members.flatMap(({ name, value: names }) =>
    readStrings(book, names, into(here, name)).map((each) => ({ ...each, type: name })),
  )
  return { ...element, entries }
}

function readClauses(book: Notebook, node: JsonNode, path: readonly PathElement[]): Clause[] {
  if (node.kind !== 'object') {
    mismatch(book, spotOf(path, node), 'Object')
    return []
  }
  return node.members.flatMap(({ name, value }) => {
    const here = into(path, name)
    if (value.kind === 'object') return value.members.map((member) => readClause(book, name, member, here))
    mismatch(book, spotOf(here, value), 'Object')
    return []
  })
}

function readClause(book: Notebook, operatorName: string, member: JsonMember, path: readonly PathElement[]): Clause {
  const { name: key, value } = member
  const here = into(path, key)
  const isList = value.kind === 'array'
  const values = (isList ? value.items : [value]).flatMap((item, index) => {
    const spot = spotOf(isList ? [...here, { index }] : here, item)
    if (item.kind === 'string') return { ...spot, text: item.value }
    if (item.kind === 'number') return { ...spot, text: item.text }
    if (item.kind === 'boolean') return { ...spot, text: String(item.value) }
    mismatch(book, spot, 'String')
    return []
  })
  const operator = parseOperator(operatorName)
  return { ...spotOf(here, value), operator, operatorName, key, keySpot: nameSpot(path, member), values }
}
