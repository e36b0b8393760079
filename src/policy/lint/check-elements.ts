import { STATEMENT_ELEMENTS } from '../parse/document.ts'
import { closest } from '../parse/policy-error.ts'
import type { LintedKind, Notebook } from './notebook.ts'
import { type LintedStatement, mismatch, nameSpot, spotOf, into } from './statement.ts'

/** Which elements a statement has, lacks and must not have. */
export function checkElements(book: Notebook, statement: LintedStatement): void {
  checkNames(book, statement)
  checkEffect(book, statement)
  checkPairs(book, statement)
  checkPresence(book, statement)
}

function checkNames(book: Notebook, { members, path }: LintedStatement): void {
  for (const member of members) {
    if (STATEMENT_ELEMENTS.includes(member.name) || (path.length === 0 && member.name === 'Version')) continue
    const meant = closest(member.name, STATEMENT_ELEMENTS)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    book.note(
      'INVALID_POLICY_ELEMENT',
      `The policy element ${member.name} is not valid.${hint}`,
      nameSpot(path, member),
    )
  }
}

function checkEffect(book: Notebook, statement: LintedStatement): void {
  const { members, path, effect } = statement
  const member = members.find(({ name }) => name === 'Effect')
  if (member === undefined) {
    const sentence = 'Add an Effect element to the policy statement with a value of Allow or Deny.'
    book.note('MISSING_EFFECT', sentence, statement)
    return
  }
  const spot = spotOf(into(path, 'Effect'), member.value)
  if (member.value.kind !== 'string') mismatch(book, spot, 'String')
  else if (effect === undefined) {
    book.note('INVALID_EFFECT', `The effect ${member.value.value} is not valid. Use Allow or Deny.`, spot)
  } else if (effect === 'Allow' && !book.rules.allow) {
    const sentence =
      'RCPs only support specifying all principals ("*") in the Principal element, all resources ("*") in the ' +
      'Resource element, and no Condition element with an effect of Allow. That is RCPFullAWSAccess, which is ' +
      'attached everywhere: use Deny.'
    book.note('RCP_SYNTAX_ERROR_ALLOW', sentence, spot)
  }
}

function checkPairs(book: Notebook, { members, path }: LintedStatement): void {
  for (const name of ['Principal', 'Action', 'Resource']) {
    const [one, other] = [name, `Not${name}`].map((each) => members.find((member) => member.name === each))
    if (one === undefined || other === undefined) continue
    const sentence =
      `The policy elements ${one.name} and ${other.name} can not be used in the same statement. ` +
      'Remove one of these elements.'
    book.note('UNSUPPORTED_ELEMENT_COMBINATION', sentence, nameSpot(path, one), nameSpot(path, other))
  }
}

const POLICY_TYPES: Partial<Record<LintedKind, string>> = {
  identity: 'IDENTITY_POLICY',
  boundary: 'IDENTITY_POLICY',
  session: 'IDENTITY_POLICY',
}

function checkPresence(book: Notebook, statement: LintedStatement): void {
  const { kind, rules } = book
  const { action, resource, principal } = statement
  if (action === undefined) {
    book.note('MISSING_ACTION', 'Add an Action or NotAction element to the policy statement.', statement)
  } else if (action.isNegated && !rules.notAction) {
    const sentence = 'RCPs do not support the NotAction element. Update to use the Action element.'
    book.note('RCP_SYNTAX_ERROR_NOTACTION', sentence, action)
  }
  if (resource !== undefined && rules.resource === 'forbidden') {
    const sentence =
      'Role trust policies apply to the role that they are attached to. You cannot specify a resource. ' +
      'Remove the Resource or NotResource element.'
    book.note('ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE', sentence, resource)
  } else if (resource === undefined && rules.resource !== 'forbidden') {
    book.note('MISSING_RESOURCE', 'Add a Resource or NotResource element to the policy statement.', statement)
  }
  if (principal === undefined && rules.principal !== 'forbidden') {
    book.note('MISSING_PRINCIPAL', 'Add a Principal element to the policy statement.', statement)
  } else if (principal !== undefined && rules.principal === 'forbidden') {
    if (kind === 'scp') {
      const sentence = 'SCPs do not support specifying principals. Remove the Principal or NotPrincipal element.'
      book.note('SCP_SYNTAX_ERROR_PRINCIPAL', sentence, principal)
    } else {
      const sentence = `The policy type ${POLICY_TYPES[kind] ?? kind} does not support the Principal element. Remove the Principal element.`
      book.note('UNSUPPORTED_PRINCIPAL', sentence, principal)
    }
  }
}
