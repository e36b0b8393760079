import { type Family, OPERATOR_NAMES } from '../conditions/operator.ts'
import type { JsonNode } from '../parse/parse-json.ts'
import { conditionKeyOf, isKnownService, keysWith, PREFIXES } from '../vocabulary/vocabulary.ts'
import { checkValues } from './check-values.ts'
import type { Notebook } from './notebook.ts'
import { type Clause, into, type LintedStatement, spotOf } from './statement.ts'

/** The conditions of a statement: operators, keys, and what they are compared with. */
export function checkConditions(book: Notebook, statement: LintedStatement): void {
  checkBlock(book, statement)
  for (const clause of statement.clauses) {
    checkKeyName(book, clause.key, clause)
    checkType(book, clause)
    checkQuantifier(book, clause, statement)
    checkTrust(book, clause, statement)
    checkValues(book, clause)
  }
  checkPairs(book, statement)
}

/** Operators, and names that are given twice. */
function checkBlock(book: Notebook, { members, path }: LintedStatement): void {
  const condition = members.find(({ name }) => name === 'Condition')?.value
  if (condition?.kind !== 'object') return
  const here = into(path, 'Condition')
  const nothing = 'This condition block is empty and it does not affect the policy. Specify conditions.'
  if (condition.members.length === 0) book.note('EMPTY_OBJECT_CONDITION', nothing, spotOf(here, condition))
  for (const operator of condition.members) {
    const { name, value } = operator
    const isEmpty = value.kind === 'object' && value.members.length === 0
    if (isEmpty) book.note('EMPTY_OBJECT_CONDITION', nothing, spotOf(into(here, name), value))
    checkOperator(book, name, spotOf([...here, { key: name }], operator))
    if (value.kind === 'object') checkNames(book, value, into(here, name))
  }
}

function checkOperator(book: Notebook, name: string, spot: ReturnType<typeof spotOf>): void {
  const [, quantifier = '', bare = '', suffix = ''] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(name) ?? []
  if (bare === 'Null' && suffix !== '') {
    const sentence =
      'The Null condition operator cannot be used with the IfExists suffix. Update the operator or the suffix.'
    book.note('NULL_WITH_IF_EXISTS', sentence, spot)
  } else if (bare === 'Null' && quantifier !== '') {
    const sentence =
      'Avoid using the Null condition operator with the ForAllValues or ForAnyValue qualifiers because they always ' +
      'return a true or false respectively.'
    book.note('NULL_WITH_QUALIFIER', sentence, spot)
  } else if (!OPERATOR_NAMES.includes(bare)) {
    const meant = book.meant(bare, () => OPERATOR_NAMES)
    book.note(
      'INVALID_CONDITION_OPERATOR',
      `The condition operator ${name} is not valid. Use a valid condition operator.${meant}`,
      spot,
    )
  }
}

function checkNames(book: Notebook, { members }: JsonNode & { kind: 'object' }, path: Clause['path']): void {
  const seen = new Set<string>()
  for (const member of members) {
    const name = member.name.toLowerCase()
    if (seen.has(name)) {
      const sentence =
        `The condition key ${member.name} appears more than once with different capitalization in the same ` +
        'condition block. Remove the duplicate condition keys.'
      book.note('DUPLICATE_KEYS_WITH_DIFFERENT_CASE', sentence, spotOf([...path, { key: member.name }], member))
    }
    seen.add(name)
  }
}

const TAGGED = /^(?:aws:(?:RequestTag|ResourceTag|PrincipalTag)|iam:ResourceTag)\/?$/i

/**
 * Whether there is a key of a name. The claims of identity providers are not known: their prefix is the name of a host.
 *
 * @param where what stands for the key: a condition, or a variable
 */
export function checkKeyName(book: Notebook, key: string, where: Pick<Clause, 'path' | 'at' | 'end'>): void {
  const [prefix = '', name] = key.split(':', 2)
  if (TAGGED.test(key)) {
    const form = `${key.replace(/\/$/, '')}/`
    const sentence =
      `The condition key ${form} must include a tag key to control access based on tags. Use the format ` +
      `${form}tag-key and specify a key name for tag-key.`
    book.note('MISSING_TAG_KEY_IN_CONDITION', sentence, where)
  } else if (name === undefined || prefix === '') {
    const sentence = 'The condition key format is not valid. Use the format service:keyname.'
    book.note('INVALID_CONDITION_KEY_FORMAT', `${sentence}${book.meant(key, someKeys)}`, where)
  } else if (conditionKeyOf(key) !== undefined || /[./]/.test(prefix)) return
  else if (prefix.toLowerCase() === 'aws') {
    if (name.toLowerCase() === 'arn') {
      const sentence = 'The condition key aws:ARN is not supported. Use aws:PrincipalArn or aws:SourceArn instead.'
      book.note('UNSUPPORTED_GLOBAL_CONDITION_KEY', sentence, where)
      return
    }
    const meant = book.meant(key, () => namesLike(key, 'aws'))
    book.note(
      'INVALID_GLOBAL_CONDITION_KEY',
      `The condition key ${key} does not exist. Use a valid condition key.${meant}`,
      where,
    )
  } else if (isKnownService(prefix) || prefix.toLowerCase() === 'saml') {
    const meant = book.meant(key, () => namesLike(key, prefix))
    const sentence = `The condition key ${key} does not exist in the service ${prefix}. Use a valid condition key.`
    book.note('INVALID_SERVICE_CONDITION_KEY', `${sentence}${meant}`, where)
  } else if (!PREFIXES.has(prefix.toLowerCase())) {
    const meant = book.meant(prefix, () => PREFIXES)
    book.note('INVALID_SERVICE', `The service ${prefix} does not exist. Use a valid service name.${meant}`, where)
  }
}

/** The names of keys; where any name can stand behind the last sign, the one that was written. */
function namesLike(key: string, prefix: string): readonly string[] {
  return namesWith(prefix).map((name) => {
    const sign = name.endsWith('*') ? name.slice(-2, -1) : ''
    return sign === '' ? name : name.slice(0, -1) + key.slice(key.lastIndexOf(sign) + 1)
  })
}

function namesWith(prefix: string): readonly string[] {
  return keysWith(prefix).map(({ name }) => name)
}

const someKeys = () => [...namesWith('aws'), ...namesWith('kms')]

/** The families of operators that a type of key is compared by. */
const FAMILIES: Readonly<Record<string, readonly Family[]>> = {
  String: ['string', 'arn'],
  ARN: ['arn', 'string'],
  Numeric: ['numeric'],
  Date: ['date', 'numeric'],
  Bool: ['bool'],
  IPAddress: ['ip-address'],
  Binary: ['binary'],
}

function checkType(book: Notebook, { key, operator, operatorName, keySpot }: Clause): void {
  const type = conditionKeyOf(key)?.type.replace(/^ArrayOf/, '')
  const families = FAMILIES[type ?? '']
  if (operator === undefined || families === undefined || operator.family === 'null') return
  const sentence = `Use the operator type ${type} instead of operator ${operatorName} for the condition key ${key}.`
  if (!families.includes(operator.family)) book.note('TYPE_MISMATCH', sentence, keySpot)
  else if (type === 'ARN' && operator.comparison === 'like') {
    book.note('STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS', sentence, keySpot)
  }
}

function checkQuantifier(book: Notebook, clause: Clause, { effect }: LintedStatement): void {
  const { key, operator, keySpot } = clause
  const facts = conditionKeyOf(key)
  if (facts === undefined || operator === undefined || operator.family === 'null') return
  const hasMany = facts.type.startsWith('ArrayOf')
  if (hasMany && operator.quantifier === 'one') {
    const sentence = `The request context key ${key} has multiple values.`
    const advice = 'Use the ForAllValues or ForAnyValue condition key qualifiers in your policy.'
    book.note('MISSING_QUALIFIER', `${sentence} ${advice}`, keySpot)
  } else if (!hasMany && operator.quantifier === 'all' && effect === 'Allow') {
    const sentence = `Using ForAllValues qualifier with the single-valued condition key ${key} can be overly permissive.`
    book.note('FORALLVALUES_WITH_SINGLE_VALUED_KEY', `${sentence} We recommend that you remove ForAllValues:.`, keySpot)
  }
}

/** Keys that callers fill in as they like. */
const UNTRUSTWORTHY = ['aws:referer', 'aws:useragent']

function checkTrust(book: Notebook, { key, keySpot }: Clause, { effect }: LintedStatement): void {
  if (effect !== 'Allow' || !UNTRUSTWORTHY.includes(key.toLowerCase())) return
  const sentence = `The ${key} condition key is not recommended for access control as it can be spoofed/manipulated by the caller.`
  book.note('UNTRUSTWORTHY_CONDITION_KEY', sentence, keySpot)
}

/** Keys that say little without another. */
function checkPairs(book: Notebook, { clauses }: LintedStatement): void {
  const has = (name: string) => clauses.some(({ key }) => key.toLowerCase() === name)
  if (!has('aws:sourcevpc')) {
    for (const { key, keySpot } of clauses.filter((clause) => clause.key.toLowerCase() === 'aws:vpcsourceip')) {
      const sentence =
        `Using the condition key ${key} can be overly permissive without also using the following condition keys: ` +
        'aws:SourceVpc. Condition keys like this one are more secure when paired with a related key. We recommend ' +
        'that you add the related condition keys to the same condition block.'
      book.note('MISSING_PAIRED_CONDITION_KEYS', sentence, keySpot)
    }
  }
  if (book.kind === 'rcp' && !has('aws:principalisawsservice')) clauses.forEach((clause) => checkServices(book, clause))
}

/** A resource control policy binds services too, which have no organization. */
function checkServices(book: Notebook, { key, keySpot }: Clause): void {
  const ofPrincipals = /^aws:principal(?:arn|account|orgid|orgpaths|tag\/.*)$/i.test(key)
  if (!ofPrincipals && !/^aws:source(?:arn|account|orgid|orgpaths)$/i.test(key)) return
  const [whom, value, what] = ofPrincipals
    ? ['services acting on your behalf using a service principal', 'false', 'a principal key']
    : ['your principals', 'true', 'the key']
  const sentence =
    `RCPs impact IAM roles, users, and AWS service principals. To prevent unintended impact to ${whom}, an additional ` +
    `statement should be added to the Condition block "BoolIfExists": { "aws:PrincipalIsAWSService": "${value}"} ` +
    `whenever ${what} ${key} is used.`
  const code = ofPrincipals
    ? 'RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY'
    : 'RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY'
  book.note(code, sentence, keySpot)
}
