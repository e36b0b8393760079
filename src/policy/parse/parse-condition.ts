import { isArn } from '../patterns/arn-pattern.ts'
import { readBinary } from '../conditions/binary.ts'
import { readDate } from '../conditions/date.ts'
import { readNetwork } from '../conditions/ip-address.ts'
import { readNumber } from '../conditions/numeric.ts'
import { type Operator, OPERATOR_NAMES, parseOperator } from '../conditions/operator.ts'
import type { ConditionClause } from './document.ts'
import type { JsonMember, JsonNode } from './parse-json.ts'
import { closest, SYNTAX } from './policy-error.ts'
import { type Reader, syntaxError } from './reader.ts'

type Path = readonly (string | number)[]

/** Reads a condition block. */
export function readConditions(reader: Reader, node: JsonNode, path: Path): ConditionClause[] {
  if (node.kind === 'object') return node.members.flatMap((each) => readOperator(reader, each, [...path, each.name]))
  syntaxError(reader, node, path, 'Condition must be an object of operators.')
  return []
}

function readOperator(reader: Reader, { name, value, at }: JsonMember, path: Path): ConditionClause[] {
  const operator = parseOperator(name)
  // Without a key nothing is asked, whatever the operator.
  if (value.kind === 'object' && value.members.length === 0) return []
  if (operator === undefined) syntaxError(reader, { at }, path, unknownOperator(name))
  if (value.kind !== 'object') {
    syntaxError(reader, value, path, operatorHint(name))
    return []
  }
  if (operator === undefined) return []
  const clauses = value.members.map((each) => readClause(reader, operator, each, [...path, each.name]))
  const seen = new Set<string>()
  for (const each of value.members) {
    if (seen.has(each.name.toLowerCase())) {
      syntaxError(reader, each, [...path, each.name], `"${each.name}" is given twice: the names of keys have no case.`)
    }
    seen.add(each.name.toLowerCase())
  }
  return clauses
}

/** What an operator must hold, in the words of the mistake that AWS's own documentation makes. */
export function operatorHint(name: string): string {
  return `An operator must map to an object of key: value(s), such as "${name}": {"aws:PrincipalType": "User"}.`
}

function unknownOperator(name: string): string {
  const colon = name.indexOf(':') + 1
  const ifExists = name.endsWith('IfExists') ? 'IfExists' : ''
  const bare = name.slice(colon, name.length - ifExists.length)
  const meant = closest(bare, OPERATOR_NAMES)
  const whole = `${name.slice(0, colon)}${meant ?? ''}${ifExists}`
  const suggest = meant !== undefined && whole !== name && parseOperator(whole) !== undefined
  return `"${name}" is no condition operator${suggest ? `; did you mean "${whole}"?` : '.'}`
}

function readClause(reader: Reader, operator: Operator, { name, value, at }: JsonMember, path: Path): ConditionClause {
  const values: string[] = []
  if (name === '') syntaxError(reader, { at }, path, 'The name of a condition key is empty.')
  for (const item of value.kind === 'array' ? value.items : [value]) {
    const text = scalar(item)
    if (text === undefined) {
      syntaxError(
        reader,
        item,
        path,
        'A condition value must be a string, a number or a boolean, or an array of these.',
      )
      continue
    }
    values.push(text)
    const malformed = reader.rules.strictLiterals ? malformedLiteral(reader, operator, text) : undefined
    if (malformed !== undefined) reader.report('literal', SYNTAX, item.at, path, malformed)
  }
  const single = (reader.options.singleValuedKeys ?? []).find(({ prefix }) =>
    name.toLowerCase().startsWith(prefix.toLowerCase()),
  )
  if (operator.quantifier === 'all' && single !== undefined) {
    reader.report('overly-permissive', single.message, at, path, 'Remove ForAllValues.')
  }
  return { operator: operator.name, key: name, values, ...reader.position(at) }
}

/** Booleans and numbers count as their text. */
function scalar(node: JsonNode): string | undefined {
  if (node.kind === 'string') return node.value
  if (node.kind === 'number') return node.text
  return node.kind === 'boolean' ? String(node.value) : undefined
}

/** A number of seconds of more than 64 bits. */
function isBeyondDates(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) !== BigInt(text)
}

function malformedLiteral({ options }: Reader, { family }: Operator, text: string): string | undefined {
  if (family === 'date' && options.putInIam !== undefined && isBeyondDates(text)) {
    return `"${text}" is more than the seconds of any date.`
  }
  if (family === 'numeric' && readNumber(text) === undefined) return `"${text}" is not a number.`
  if (family === 'date' && readDate(text) === undefined) {
    return `"${text}" is not a date such as 2026-01-31T00:00:00Z, nor a number of seconds since 1970.`
  }
  if (family === 'ip-address' && readNetwork(text) === undefined) return `"${text}" is not an address or a CIDR range.`
  if (family === 'binary' && readBinary(text) === undefined) return `"${text}" is not base64.`
  if (family === 'arn' && text !== '*' && !isArn(text) && !text.includes('${')) return `"${text}" is not an ARN.`
  return undefined
}
