import { DOCUMENT_ELEMENTS } from '../parse/document.ts'
import type { JsonNode } from '../parse/parse-json.ts'
import { closest } from '../parse/policy-error.ts'
import type { PathElement } from './finding.ts'
import type { IssueCode } from './issues.ts'
import type { LintedKind, Notebook } from './notebook.ts'
import { mismatch, nameSpot, spotOf } from './statement.ts'

/** By these a statement is known that stands without a document around it. */
const OF_STATEMENTS = ['Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'NotPrincipal']

interface StatementNode {
  readonly node: JsonNode
  readonly path: readonly PathElement[]
}

/** The statements of a document; a bare one, or a bare list of some, is read as what it was meant to be. */
export function statementNodes(root: JsonNode): readonly StatementNode[] {
  if (root.kind === 'array') return root.items.map((node, index) => ({ node, path: [{ index }] }))
  if (root.kind !== 'object') return []
  if (isBare(root)) return [{ node: root, path: [] }]
  const statement = root.members.find(({ name }) => name === 'Statement')?.value
  const path = [{ value: 'Statement' }]
  if (statement?.kind === 'array') return statement.items.map((node, index) => ({ node, path: [...path, { index }] }))
  return statement === undefined ? [] : [{ node: statement, path }]
}

/** Whether a document is a statement, or a list of some, without what belongs around it. */
export function isBare(root: JsonNode): boolean {
  if (root.kind === 'array') return true
  if (root.kind !== 'object' || root.members.some(({ name }) => name === 'Statement')) return false
  return root.members.some(({ name }) => OF_STATEMENTS.includes(name))
}

/** What is wrong with a document around its statements. */
export function checkDocument(book: Notebook, root: JsonNode): void {
  checkSize(book, root)
  const here = spotOf([], root)
  if (isBare(root)) {
    const wrap = 'wrap it in Version and Statement: {"Version": "2012-10-17", "Statement": [...]}'
    const what = root.kind === 'array' ? 'This is a bare list of statements' : 'This is a bare statement'
    book.note('MISSING_STATEMENT', `Add a statement to the policy. ${what}: ${wrap}.`, here)
    return
  }
  if (root.kind !== 'object') {
    mismatch(book, here, 'Object')
    return
  }
  for (const member of root.members) {
    if (DOCUMENT_ELEMENTS.includes(member.name)) continue
    const meant = closest(member.name, DOCUMENT_ELEMENTS)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    book.note('INVALID_POLICY_ELEMENT', `The policy element ${member.name} is not valid.${hint}`, nameSpot([], member))
  }
  checkVersion(book, root)
  const statement = root.members.find(({ name }) => name === 'Statement')
  const isEmpty = statement === undefined || (statement.value.kind === 'array' && statement.value.items.length === 0)
  const spot = statement === undefined ? here : spotOf([{ value: 'Statement' }], statement.value)
  if (isEmpty) book.note('MISSING_STATEMENT', 'Add a statement to the policy', spot)
}

function checkVersion(book: Notebook, root: JsonNode & { kind: 'object' }): void {
  const version = root.members.find(({ name }) => name === 'Version')?.value
  if (version === undefined) {
    const sentence = 'We recommend that you specify the Version element to help you with debugging permission issues.'
    book.note('MISSING_VERSION', sentence, spotOf([], root))
    return
  }
  const spot = spotOf([{ value: 'Version' }], version)
  if (version.kind !== 'string') mismatch(book, spot, 'String')
  else if (version.value !== '2012-10-17' && version.value !== '2008-10-17') {
    const sentence = `The version ${version.value} is not valid. Use one of the following versions: 2012-10-17, 2008-10-17`
    book.note('INVALID_VERSION', sentence, spot)
  }
}

type SizeCheck = readonly [code: IssueCode, sentence: (size: number, quota: number) => string]

const exceeds = (what: string, quotaOf: string) => (size: number, quota: number) =>
  `The ${size} characters in the ${what} exceed the ${quota} character maximum for ${quotaOf}. ` +
  'We recommend that you use multiple granular policies.'

const IDENTITY: SizeCheck = [
  'POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA',
  exceeds('identity policy, excluding whitespace,', 'inline and managed policies'),
]
const RESOURCE: SizeCheck = [
  'POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA',
  exceeds('resource policy', 'resource policies'),
]

const SIZE_CHECKS: Readonly<Record<LintedKind, SizeCheck>> = {
  identity: IDENTITY,
  boundary: IDENTITY,
  session: IDENTITY,
  key: RESOURCE,
  resource: RESOURCE,
  vpce: RESOURCE,
  scp: ['POLICY_SIZE_EXCEEDS_SCP_QUOTA', exceeds('service control policy (SCP)', 'SCPs')],
  rcp: ['POLICY_SIZE_EXCEEDS_RCP_QUOTA', exceeds('resource control policy (RCP)', 'RCPs')],
  trust: [
    'POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA',
    () =>
      'The characters in the role trust policy, excluding whitespace, exceed the character maximum. We recommend ' +
      'that you request a role trust policy length quota increase using Service Quotas and AWS Support Center. ' +
      'If the quotas have already been increased, then you can ignore this warning.',
  ],
}

/** IAM counts no white space; KMS and Organizations do. */
const COMPACT: readonly LintedKind[] = ['identity', 'boundary', 'session', 'trust']

function checkSize(book: Notebook, root: JsonNode): void {
  const { text, kind, options } = book
  const size = COMPACT.includes(kind) ? text.replaceAll(/\s/g, '').length : text.length
  const [code, sentence] = SIZE_CHECKS[kind]
  if (options.quota !== undefined && size > options.quota)
    book.note(code, sentence(size, options.quota), spotOf([], root))
}
