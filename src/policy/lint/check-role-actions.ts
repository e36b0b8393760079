import { compileGlob, parseGlob } from '../patterns/glob.ts'
import type { IssueCode } from './issues.ts'
import { createLexicon, NO_VALUES } from '../patterns/lexicon.ts'
import type { Notebook } from './notebook.ts'
import type { LintedStatement, Value } from './statement.ts'

/** How an action and its resources are given. */
type Way =
  | 'NOT_RESOURCE'
  | 'STAR_IN_ACTION_AND_NOT_RESOURCE'
  | 'NOT_ACTION_AND_NOT_RESOURCE'
  | 'STAR_IN_RESOURCE'
  | 'STAR_IN_ACTION_AND_RESOURCE'
  | 'STAR_IN_RESOURCE_AND_NOT_ACTION'

type Sentences = Readonly<Record<Way, string>>

const PASS_ROLE: Sentences = {
  NOT_RESOURCE:
    'Using the iam:PassRole action with NotResource can be overly permissive because it can allow iam:PassRole permissions on multiple resources.',
  STAR_IN_ACTION_AND_NOT_RESOURCE:
    'Using an action with a wildcard (*) and NotResource can be overly permissive because it can allow iam:PassRole permissions on multiple resources.',
  NOT_ACTION_AND_NOT_RESOURCE:
    'Using NotAction with NotResource can be overly permissive because it can allow iam:PassRole permissions on multiple resources.',
  STAR_IN_RESOURCE:
    'Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive because it allows iam:PassRole permissions on multiple resources.',
  STAR_IN_ACTION_AND_RESOURCE:
    'Using wildcards (*) in the action and the resource can be overly permissive because it allows iam:PassRole permissions on all resources.',
  STAR_IN_RESOURCE_AND_NOT_ACTION:
    'Using a resource with wildcards (*) and NotAction can be overly permissive because it allows iam:PassRole permissions on all resources.',
}

const CREATE_SLR: Sentences = {
  NOT_RESOURCE:
    'Using the iam:CreateServiceLinkedRole action with NotResource can allow creation of unintended service-linked roles for multiple resources.',
  STAR_IN_ACTION_AND_NOT_RESOURCE:
    'Using an action with a wildcard(*) and NotResource can allow creation of unintended service-linked roles because it can allow iam:CreateServiceLinkedRole permissions on multiple resources.',
  NOT_ACTION_AND_NOT_RESOURCE:
    'Using NotAction with NotResource can allow creation of unintended service-linked roles because it allows iam:CreateServiceLinkedRole permissions on multiple resources.',
  STAR_IN_RESOURCE:
    'Using the iam:CreateServiceLinkedRole action with wildcards (*) in the resource can allow creation of unintended service-linked roles.',
  STAR_IN_ACTION_AND_RESOURCE:
    'Using wildcards (*) in the action and the resource can allow creation of unintended service-linked roles because it allows iam:CreateServiceLinkedRole permissions on all resources.',
  STAR_IN_RESOURCE_AND_NOT_ACTION:
    'Using a resource with wildcards (*) and NotAction can allow creation of unintended service-linked roles because it allows iam:CreateServiceLinkedRole permissions on all resources.',
}

/** Roles that are handed to services, or made for them, without a limit. */
export function checkRoleActions(book: Notebook, statement: LintedStatement): void {
  if (statement.effect !== 'Allow' || book.kind !== 'identity') return
  const has = (key: string) => statement.clauses.some((clause) => clause.key.toLowerCase() === key)
  const advice = 'We recommend that you specify resource ARNs'
  if (!has('iam:passedtoservice')) {
    const orKey = ' or add the iam:PassedToService condition key to your statement.'
    note(book, statement, 'iam:passrole', (way) => {
      const isNot = way.endsWith('NOT_RESOURCE')
      return [`PASS_ROLE_WITH_${way}`, `${PASS_ROLE[way]} ${advice}${isNot ? ' instead.' : orKey}`]
    })
  }
  if (has('iam:awsservicename')) return
  note(book, statement, 'iam:createservicelinkedrole', (way) => [
    `CREATE_SLR_WITH_${way}`,
    `${CREATE_SLR[way]} ${advice} instead.`,
  ])
}

function note(
  book: Notebook,
  { action, resource }: LintedStatement,
  name: string,
  findingOf: (way: Way) => readonly [IssueCode, string],
): void {
  if (action === undefined || resource === undefined) return
  const star = resource.isNegated ? undefined : resource.values.find(({ text }) => isAnyRole(text))
  if (!resource.isNegated && star === undefined) return
  const found = action.values.find((value) => matches(value, name))
  if (action.isNegated ? found !== undefined : found === undefined) return
  const way = wayOf(action.isNegated, resource.isNegated, found?.text.toLowerCase() !== name)
  const [code, sentence] = findingOf(way)
  book.note(code, sentence, found ?? action, star ?? resource)
}

function wayOf(isNotAction: boolean, isNotResource: boolean, isStar: boolean): Way {
  if (isNotResource) {
    if (isNotAction) return 'NOT_ACTION_AND_NOT_RESOURCE'
    return isStar ? 'STAR_IN_ACTION_AND_NOT_RESOURCE' : 'NOT_RESOURCE'
  }
  if (isNotAction) return 'STAR_IN_RESOURCE_AND_NOT_ACTION'
  return isStar ? 'STAR_IN_ACTION_AND_RESOURCE' : 'STAR_IN_RESOURCE'
}

/** Whether a pattern has roles of whatever name: one that begins with letters is taken for a choice. */
function isAnyRole(text: string): boolean {
  return text === '*' || /^arn:[^:]*:iam:[^:]*:[^:]*:(?:\*|role\/(?:.*\/)?\*)/.test(text)
}

function matches({ text }: Value, name: string): boolean {
  const { matches: fits } = compileGlob(parseGlob(text.toLowerCase()), createLexicon())
  return fits(name, 0, name.length, NO_VALUES)
}
