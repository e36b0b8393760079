import { type JsonNode, parseJson } from '../parse/parse-json.ts'
import { parsePolicy, type PolicyError, type PolicyErrorCode } from '../parse/parse.ts'
import { formatPath } from '../parse/policy-error.ts'
import { checkActions } from './check-actions.ts'
import { checkActionsTogether } from './check-actions-together.ts'
import { checkConditions } from './check-conditions.ts'
import { checkDocument, isBare, statementNodes } from './check-document.ts'
import { checkElements } from './check-elements.ts'
import { checkLockOut } from './check-lock-out.ts'
import { checkPrincipals } from './check-principals.ts'
import { checkRedundancy } from './check-redundancy.ts'
import { checkResources } from './check-resources.ts'
import { checkSids } from './check-sids.ts'
import { checkVariables } from './check-variables.ts'
import { type Finding, findingOf, placesIn, stepsOf } from './finding.ts'
import type { IssueCode } from './issues.ts'
import { createNotebook, type LintedKind, type LintOptions, type Notebook, parsedKind } from './notebook.ts'
import { readStatement } from './statement.ts'

export type { Finding } from './finding.ts'
export type { LintedKind, LintOptions } from './notebook.ts'

/**
 * Looks a policy through for what is wrong, weak or superfluous, in the order of the text.
 *
 * INVARIANT: a policy that the parser refuses has an ERROR, so that one without is taken wherever its kind is. The
 * caller limits the length: the work grows with it, and is some tens of milliseconds for 32 KiB at worst.
 */
export function lintPolicy(text: string, kind: LintedKind, options: LintOptions): readonly Finding[] {
  const json = parseJson(text)
  if (!json.ok) return [syntaxFinding(text, kind, json.problem.at)]
  const book = createNotebook(text, kindOf(kind, json.root), options)
  checkDocument(book, json.root)
  const statements = statementNodes(json.root)
    .map(({ node, path }) => readStatement(book, node, path))
    .filter((statement) => statement !== null)
  for (const statement of statements) {
    checkElements(book, statement)
    checkPrincipals(book, statement)
    checkActions(book, statement)
    checkResources(book, statement)
    checkActionsTogether(book, statement)
    checkConditions(book, statement)
  }
  checkSids(book, statements)
  checkVariables(book, json.root, statements)
  checkRedundancy(book, statements)
  if (!isBare(json.root)) checkWhole(book)
  return book.findings.toSorted((one, other) => offsetOf(one) - offsetOf(other))
}

/** What only a document that can be read shows, or why it cannot. */
function checkWhole(book: Notebook): void {
  const parsed = parsePolicy(book.text, parsedKind(book.kind))
  if (parsed.ok) checkLockOut(book, parsed.policy)
  else for (const error of parsed.errors) addRefusal(book, error)
}

function offsetOf({ locations }: Finding): number {
  return locations[0]?.span.start.offset ?? 0
}

/** A resource's policy that speaks of nothing but taking roles on is a trust policy. */
function kindOf(kind: LintedKind, root: JsonNode): LintedKind {
  if (kind !== 'resource') return kind
  const actions = statementNodes(root).flatMap(({ node }) => {
    const action = node.kind === 'object' ? node.members.find(({ name }) => name === 'Action')?.value : undefined
    return action?.kind === 'array' ? action.items : (action ?? [])
  })
  return actions.length > 0 && actions.every(isOfSts) ? 'trust' : kind
}

function isOfSts(node: JsonNode): boolean {
  return node.kind === 'string' && node.value.toLowerCase().startsWith('sts:')
}

function syntaxFinding(text: string, kind: LintedKind, at: number): Finding {
  const placeOf = placesIn(text)
  const { line, column, offset } = placeOf(at)
  const parsed = parsePolicy(text, parsedKind(kind))
  const hint = parsed.ok ? undefined : parsed.errors[0].hint
  const details = `Fix the JSON syntax error at index ${offset} line ${line} column ${column}.${hint === undefined ? '' : ` ${hint}`}`
  return findingOf('JSON_SYNTAX_ERROR', details, [{ path: [], at, end: Math.min(at + 1, text.length) }], placeOf)
}

/** What the parser refuses and no check has a name for gets the nearest one. */
const CODE_OF: Readonly<Record<PolicyErrorCode, IssueCode>> = {
  syntax: 'INVALID_POLICY_ELEMENT',
  version: 'INVALID_VERSION',
  sid: 'UNSUPPORTED_SID',
  'duplicate-sid': 'UNIQUE_SIDS_REQUIRED',
  action: 'INVALID_ACTION',
  resource: 'INVALID_ARN_RESOURCE',
  'no-principal': 'MISSING_PRINCIPAL',
  principal: 'INVALID_PRINCIPAL_FORMAT',
  forbidden: 'INVALID_POLICY_ELEMENT',
  literal: 'TYPE_MISMATCH_STRING',
  'overly-permissive': 'FORALLVALUES_WITH_SINGLE_VALUED_KEY',
}

/** Notes that a policy is refused, unless that was noted; what was noted as less than an error becomes one. */
function addRefusal(book: Notebook, { code, message, hint, path, line, column }: PolicyError): void {
  const about = (finding: Finding) =>
    finding.locations.some((location) => isAbout(formatPath(stepsOf(location.path)), path))
  const known = book.findings.filter(about)
  if (known.some(({ findingType }) => findingType === 'ERROR')) return
  const [lesser] = known
  if (lesser !== undefined) {
    book.findings[book.findings.indexOf(lesser)] = { ...lesser, findingType: 'ERROR' }
    return
  }
  const at = offsetIn(book.text, line, column)
  const details = hint === undefined ? message : `${message} ${hint}`
  const finding = findingOf(CODE_OF[code], details, [{ path: [], at, end: at + 1 }], placesIn(book.text))
  book.findings.push({ ...finding, findingType: 'ERROR' })
}

/** Whether one path is the other, or leads into it. */
function isAbout(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return short !== '' && long.startsWith(short) && /^(?:$|[.[])/.test(long.slice(short.length))
}

function offsetIn(text: string, line: number, column: number): number {
  let start = 0
  for (let number = 1; number < line; number += 1) start = text.indexOf('\n', start) + 1
  return start + column - 1
}
