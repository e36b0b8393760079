import { actionOf, allActions, isKnownService, PREFIXES, RCP_SERVICES } from '../vocabulary/vocabulary.ts'
import { matchedActions } from './matched-actions.ts'
import type { Notebook } from './notebook.ts'
import type { LintedStatement, Value } from './statement.ts'

/** The actions of a statement, each for itself. */
export function checkActions(book: Notebook, { action }: LintedStatement): void {
  if (action === undefined) return
  const nothing = 'This statement includes no actions and does not affect the policy. Specify actions.'
  if (action.values.length === 0) book.note('EMPTY_ARRAY_ACTION', nothing, action)
  for (const value of action.values) checkAction(book, value)
}

function checkAction(book: Notebook, value: Value): void {
  const { text } = value
  const [prefix = '', name, more] = text.split(':')
  if (text === '*') {
    if (!book.rules.everyAction) noteRcpService(book, value)
    return
  }
  if (name === undefined || more !== undefined || name === '' || prefix === '') {
    const sentence = `The action ${text} does not exist. An action is written as service:Name, with one colon.`
    book.note('INVALID_ACTION', `${sentence}${book.meant(text.replaceAll(/:+/g, ':'), names)}`, value)
    return
  }
  if (/[*?]/.test(prefix)) {
    const sentence =
      'Avoid using wildcards (*, ?) in the service name because it might grant unintended access to other AWS ' +
      'services with similar names.'
    book.note('WILDCARD_IN_SERVICE_NAME', sentence, value)
    return
  }
  if (!PREFIXES.has(prefix.toLowerCase())) {
    const meant = book.meant(prefix, () => PREFIXES)
    book.note(
      'INVALID_SERVICE_IN_ACTION',
      `The service ${prefix} specified in the action does not exist.${meant}`,
      value,
    )
    return
  }
  if (isKnownService(prefix) && matchedActions(text).length === 0) {
    const what = /[*?]/.test(name) ? `No action of ${prefix} is like ${text}.` : `The action ${text} does not exist.`
    book.note('INVALID_ACTION', `${what}${book.meant(text, names)}`, value)
    return
  }
  checkPlace(book, value, prefix)
}

const names = () => allActions().map(({ action }) => action)

/** Whether an action can stand in this kind of policy. */
function checkPlace(book: Notebook, value: Value, prefix: string): void {
  const { kind } = book
  if (kind === 'rcp' && !RCP_SERVICES.has(prefix.toLowerCase())) noteRcpService(book, value)
  if (kind === 'trust' && prefix.toLowerCase() !== 'sts') {
    noteUnsupported(book, value, 'AWS::IAM::AssumeRolePolicyDocument', 'A role can only be taken on: sts:AssumeRole.')
  }
  if (kind !== 'key') return
  if (prefix.toLowerCase() !== 'kms') noteUnsupported(book, value, 'AWS::KMS::Key', 'A key policy decides kms: alone.')
  else if (actionOf(value.text)?.on.includes('key') === false) {
    noteUnsupported(book, value, 'AWS::KMS::Key', `${value.text} is on no key: allow it in an identity policy.`)
  }
}

function noteUnsupported(book: Notebook, value: Value, resourceType: string, hint: string): void {
  const sentence = `The action ${value.text} is not supported for the resource-based policy attached to the resource type ${resourceType}.`
  book.note('UNSUPPORTED_ACTION_IN_POLICY', `${sentence} ${hint}`, value)
}

function noteRcpService(book: Notebook, value: Value): void {
  const sentence = 'RCPs only support specifying select service prefixes in the Action element.'
  book.note('RCP_SYNTAX_ERROR_ACTION', `${sentence} ${value.text} is of none of these services.`, value)
}
