import {
  DOCUMENT_ELEMENTS,
  type PatternElement,
  type PolicyDocument,
  type PolicyKind,
  STATEMENT_ELEMENTS,
  type Statement,
} from './document.ts'
import { operatorHint, readConditions } from './parse-condition.ts'
import { type JsonMember, type JsonNode, type JsonProblem, parseJson } from './parse-json.ts'
import { readPatterns } from './parse-patterns.ts'
import { readPrincipal } from './parse-principal.ts'
import { closest, type PolicyError, SYNTAX } from './policy-error.ts'
import { member, type ParseOptions, type Reader, reader as begin, syntaxError } from './reader.ts'

export type { PolicyKind } from './document.ts'
export type { PolicyError, PolicyErrorCode } from './policy-error.ts'
export type { ParseOptions, SingleValuedKeys } from './reader.ts'

/** The outcome of `parsePolicy`. */
export type PolicyResult =
  | { readonly ok: true; readonly policy: PolicyDocument }
  | { readonly ok: false; readonly errors: readonly [PolicyError, ...PolicyError[]] }

type Path = readonly (string | number)[]

/**
 * Parses and validates a policy document of a kind.
 *
 * As strict as AWS, and stricter where two readers could disagree: a name given twice is refused. An error carries
 * AWS's sentence and, for people, its place and a hint. The caller limits the length of the text and its
 * characters, and checks that the principals exist.
 */
export function parsePolicy(text: string, kind: PolicyKind, options: ParseOptions = {}): PolicyResult {
  const reader = begin(text, kind, options)
  const json = parseJson(text)
  let policy: PolicyDocument | undefined
  if (json.ok) policy = readDocument(reader, json.root)
  else if (kind === 'trust' && json.problem.cause !== 'duplicate' && json.problem.cause !== 'depth') {
    reader.report('syntax', 'This policy contains invalid Json', json.problem.at, json.problem.path)
  } else reader.report('syntax', SYNTAX, json.problem.at, json.problem.path, jsonHint(json.problem))
  const [first, ...rest] = reader.errors
  if (first !== undefined) return { ok: false, errors: [first, ...rest] }
  if (policy === undefined) throw new Error('A policy was refused without an error')
  return { ok: true, policy }
}

/** Names what was meant where it is known: both mistakes are in AWS's own documentation of multi-Region keys. */
function jsonHint({ cause, message, path }: JsonProblem): string {
  const last = path.at(-1)
  if (cause === 'missing-colon' && (last === 'Resource' || last === 'NotResource')) {
    return `${last} must be a string or an array of strings, not an object: leave out the braces.`
  }
  if (cause === 'stray-colon' && path.at(-2) === 'Condition') return operatorHint(String(last))
  if (cause === 'trailing-comma') return `${message}: JSON has no trailing comma.`
  return `${message}.`
}

function readDocument(reader: Reader, root: JsonNode): PolicyDocument | undefined {
  if (root.kind !== 'object') {
    syntaxError(reader, root, [], 'A policy must be an object.')
    return undefined
  }
  unknownElements(reader, root.members, DOCUMENT_ELEMENTS, [])
  const version = readVersion(reader, member(root.members, 'Version')?.value)
  const id = readString(reader, member(root.members, 'Id'), ['Id'])
  const statement = member(root.members, 'Statement')?.value
  if (statement === undefined) syntaxError(reader, root, [], 'Statement is missing.')
  const nodes = statement === undefined ? [] : statement.kind === 'array' ? statement.items : [statement]
  if (statement?.kind === 'array' && nodes.length === 0) syntaxError(reader, statement, ['Statement'], 'It is empty.')
  const statements = nodes
    .map((node, index) =>
      readStatement(reader, node, index, statement?.kind === 'array' ? ['Statement', index] : ['Statement']),
    )
    .filter((each) => each !== undefined)
  if (reader.rules.strictSid) uniqueSids(reader, nodes)
  return { kind: reader.kind, version, statements, ...(id === undefined ? {} : { id }) }
}

function readVersion(reader: Reader, node: JsonNode | undefined): PolicyDocument['version'] {
  if (node !== undefined && node.kind !== 'string') {
    syntaxError(reader, node, ['Version'], 'Version must be a string.')
  } else if (node?.value === '2012-10-17') return node.value
  else if (node !== undefined && node.value !== '2008-10-17') {
    reader.report('version', SYNTAX, node.at, ['Version'], 'Version must be "2012-10-17" or "2008-10-17".')
  } else if (reader.options.putInIam === 'managed') {
    reader.report('version', 'Policy document must be version 2012-10-17 or greater.', node?.at ?? 0, ['Version'])
  }
  return '2008-10-17'
}

function readString(reader: Reader, found: JsonMember | undefined, path: Path): string | undefined {
  if (found === undefined) return undefined
  if (found.value.kind === 'string') return found.value.value
  syntaxError(reader, found.value, path, `${found.name} must be a string.`)
  return undefined
}

function unknownElements(reader: Reader, members: readonly JsonMember[], known: readonly string[], path: Path): void {
  for (const { name, at } of members) {
    if (known.includes(name)) continue
    const meant = closest(name, known)
    const hint = `"${name}" is no element of a policy${meant === undefined ? '.' : `; did you mean "${meant}"?`}`
    syntaxError(reader, { at }, [...path, name], hint)
  }
}

function readStatement(reader: Reader, node: JsonNode, index: number, path: Path): Statement | undefined {
  if (node.kind !== 'object') {
    syntaxError(reader, node, path, 'A statement must be an object.')
    return undefined
  }
  const { members } = node
  unknownElements(reader, members, STATEMENT_ELEMENTS, path)
  const sid = readSid(reader, member(members, 'Sid'), [...path, 'Sid'])
  const effect = readEffect(reader, node, member(members, 'Effect'), path)
  const principal = choosePrincipal(reader, node, members, effect, path)
  const action = readPatterns(reader, node, members, 'Action', path)
  const resource = readPatterns(reader, node, members, 'Resource', path)
  const condition = member(members, 'Condition')
  return {
    index,
    effect,
    conditions: condition === undefined ? [] : readConditions(reader, condition.value, [...path, 'Condition']),
    ...reader.position(node.at),
    ...(sid === undefined ? {} : { sid }),
    ...(principal === undefined ? {} : { principal }),
    ...optional('action', action),
    ...optional('resource', resource),
  }
}

function optional<Name extends string>(
  name: Name,
  element: PatternElement | undefined,
): { [K in Name]?: PatternElement } {
  return element === undefined ? {} : ({ [name]: element } as { [K in Name]?: PatternElement })
}

function readSid(reader: Reader, found: JsonMember | undefined, path: Path): string | undefined {
  const sid = readString(reader, found, path)
  if (sid !== undefined && reader.rules.strictSid && !/^[A-Za-z0-9]*$/.test(sid)) {
    const sentence =
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*'
    reader.report('sid', sentence, found?.value.at ?? 0, path)
  }
  return sid
}

function uniqueSids(reader: Reader, statements: readonly JsonNode[]): void {
  const seen = new Set<string>()
  for (const [index, node] of statements.entries()) {
    const sid = node.kind === 'object' ? member(node.members, 'Sid')?.value : undefined
    if (sid?.kind !== 'string' || sid.value === '') continue
    if (seen.has(sid.value)) {
      const sentence = 'Statement IDs (SID) in a single policy must be unique.'
      reader.report('duplicate-sid', sentence, sid.at, ['Statement', index, 'Sid'])
    }
    seen.add(sid.value)
  }
}

function readEffect(reader: Reader, node: JsonNode, found: JsonMember | undefined, path: Path): 'Allow' | 'Deny' {
  const value = found?.value.kind === 'string' ? found.value.value : undefined
  if (value === 'Deny') return value
  if (value === 'Allow') {
    if (!reader.rules.allow) reader.report('forbidden', SYNTAX, node.at, [...path, 'Effect'], 'Effect must be "Deny".')
    return value
  }
  const hint = found === undefined ? 'Effect is missing.' : 'Effect must be "Allow" or "Deny", in this very spelling.'
  syntaxError(reader, found?.value ?? node, found === undefined ? path : [...path, 'Effect'], hint)
  return 'Deny'
}

function choosePrincipal(
  reader: Reader,
  node: JsonNode,
  members: readonly JsonMember[],
  effect: Statement['effect'],
  path: Path,
): Statement['principal'] {
  const positive = member(members, 'Principal')
  const negative = member(members, 'NotPrincipal')
  const found = positive ?? negative
  const { principal, notPrincipal } = reader.rules
  if (found === undefined) {
    if (principal === 'forbidden') return undefined
    reader.report('no-principal', 'Policy contains a statement with no principal.', node.at, path)
    return undefined
  }
  const here = [...path, found.name]
  if (principal === 'forbidden') {
    reader.report('forbidden', 'Policy document should not specify a principal.', found.at, here)
    return undefined
  }
  if (positive !== undefined && negative !== undefined) {
    syntaxError(reader, negative, here, 'A statement has either Principal or NotPrincipal.')
  }
  if (negative !== undefined && !notPrincipal) {
    syntaxError(reader, negative, here, 'NotPrincipal may not stand in this kind of policy.')
  } else if (negative !== undefined && effect === 'Allow' && reader.options.allowNotPrincipal !== true) {
    syntaxError(reader, negative, here, 'NotPrincipal with Allow matches everyone who is not listed: use Principal.')
  }
  const before = reader.errors.length
  const read = readPrincipal(reader, found, here)
  if (read !== undefined && read.entries.length === 0 && reader.errors.length === before) {
    reader.report('no-principal', 'Policy contains a statement with no principal.', found.at, here)
  }
  return read
}
