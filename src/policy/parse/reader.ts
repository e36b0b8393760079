import type { PolicyKind, Position, Text } from './document.ts'
import { KIND_RULES, type KindRules } from './kind-rules.ts'
import type { JsonMember, JsonNode } from './parse-json.ts'
import { formatPath, type PolicyError, type PolicyErrorCode, sentenceFor, SYNTAX } from './policy-error.ts'

/** A condition key under which `ForAllValues` is refused, as it would also match requests without the key. */
export interface SingleValuedKeys {
  /** A key, or the beginning of keys, in any case: `aws:RequestTag/`. */
  readonly prefix: string
  readonly message: string
}

/** What the service that stores a policy adds to the language. */
export interface ParseOptions {
  readonly singleValuedKeys?: readonly SingleValuedKeys[]
  /** Accepts `NotPrincipal` with Allow, which matches everyone not listed. Off by default: it is hardly ever meant. */
  readonly allowNotPrincipal?: boolean
  /** Refuses what IAM takes no more of whoever puts a policy: what is stored already is read without it. */
  readonly putInIam?: 'inline' | 'managed'
}

/** More errors than these help nobody. */
const MAX_ERRORS = 20

type Path = readonly (string | number)[]

/** The state of reading one document. */
export interface Reader {
  readonly kind: PolicyKind
  readonly rules: KindRules
  readonly options: ParseOptions
  readonly errors: PolicyError[]
  readonly position: (at: number) => Position
  readonly report: (code: PolicyErrorCode, message: string, at: number, path: Path, hint?: string) => void
}

/** Begins to read a document. */
export function reader(text: string, kind: PolicyKind, options: ParseOptions): Reader {
  const errors: PolicyError[] = []
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const position = (at: number): Position => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= at) low = middle
      else high = middle
    }
    return { line: low + 1, column: at - (starts[low] ?? 0) + 1 }
  }
  return {
    kind,
    rules: KIND_RULES[kind],
    options,
    errors,
    position,
    report(code, message, at, path, hint) {
      if (errors.length >= MAX_ERRORS) return
      const error = { code, message: sentenceFor(kind, message), path: formatPath(path), ...position(at) }
      errors.push(hint === undefined ? error : { ...error, hint })
    },
  }
}

/** Reports that something is not in the grammar. */
export function syntaxError(reader: Reader, node: { readonly at: number }, path: Path, hint: string): void {
  reader.report('syntax', SYNTAX, node.at, path, hint)
}

/** The value of a name in an object. */
export function member(members: readonly JsonMember[], name: string): JsonMember | undefined {
  return members.find((each) => each.name === name)
}

/** Reads a string, or an array of strings. */
export function strings(reader: Reader, node: JsonNode, path: Path): Text[] {
  const texts: Text[] = []
  for (const [index, item] of (node.kind === 'array' ? node.items : [node]).entries()) {
    if (item.kind === 'string') texts.push({ value: item.value, ...reader.position(item.at) })
    else syntaxError(reader, item, node.kind === 'array' ? [...path, index] : path, notAString(item, path))
  }
  return texts
}

function notAString(node: JsonNode, path: Path): string {
  const what = node.kind === 'object' || node.kind === 'array' ? `not an ${node.kind}` : `not ${node.kind}`
  return `${String(path.at(-1) ?? 'The value')} must be a string or an array of strings, ${what}.`
}
