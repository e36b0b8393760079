import { listed, type Notebook } from './notebook.ts'
import { restrictsCaller, SOURCE_KEYS } from './restrictions.ts'
import { type LintedStatement, type NamedPrincipal, type PrincipalElement, nameSpot } from './statement.ts'

const TYPES = ['AWS', 'Service', 'Federated', 'CanonicalUser']

/** Who is named, and whether anything limits those whom nobody knows. */
export function checkPrincipals(book: Notebook, statement: LintedStatement): void {
  const { principal } = statement
  if (principal === undefined || book.rules.principal === 'forbidden') return
  checkForm(book, statement, principal)
  if (book.rules.principal === 'everyone') {
    checkEveryone(book, principal)
    return
  }
  for (const entry of principal.entries) checkEntry(book, entry)
  checkNegated(book, statement, principal)
  if (book.kind === 'trust') checkTrust(book, statement, principal)
  if (statement.effect === 'Allow' && !principal.isNegated) checkReach(book, statement, principal)
}

function checkForm(book: Notebook, { members, path }: LintedStatement, principal: PrincipalElement): void {
  const member = members.find(({ name }) => name === (principal.isNegated ? 'NotPrincipal' : 'Principal'))
  if (member?.value.kind !== 'object') return
  const nobody = 'This statement includes no principals and does not affect the policy. Specify principals.'
  if (member.value.members.length === 0) book.note('EMPTY_OBJECT_PRINCIPAL', nobody, principal)
  for (const type of member.value.members) {
    const here = [...path, { value: member.name }]
    if (!TYPES.includes(type.name)) {
      const hint = book.meant(type.name, () => TYPES)
      book.note('INVALID_PRINCIPAL_KEY', `The principal key ${type.name} is not valid.${hint}`, nameSpot(here, type))
    }
    const isEmpty = type.value.kind === 'array' && type.value.items.length === 0
    const spot = { path: [...here, { value: type.name }], at: type.value.at, end: type.value.end }
    if (isEmpty) book.note('EMPTY_ARRAY_PRINCIPAL', nobody, spot)
  }
}

function checkEveryone(book: Notebook, principal: PrincipalElement): void {
  const { entries, isNegated } = principal
  if (!isNegated && entries.length > 0 && entries.every(({ type, text }) => type === 'AWS' && text === '*')) return
  const sentence =
    'The Principal element contents are not valid. RCPs only support specifying all principals ("*") in the ' +
    'Principal element. The NotPrincipal element is not supported for RCPs.'
  book.note('RCP_SYNTAX_ERROR_PRINCIPAL', sentence, principal)
}

function checkEntry(book: Notebook, entry: NamedPrincipal): void {
  const { type, text } = entry
  if (type === 'Federated' && !book.rules.federated) {
    const sentence =
      'The policy type does not support a federated identity provider in the principal element. Use a supported principal.'
    book.note('FEDERATED_PRINCIPAL_NOT_SUPPORTED', sentence, entry)
  }
  if (/[*?]/.test(text) && !(type === 'AWS' && text === '*')) {
    const sentence = `Wildcards (*, ?) are not supported with the principal key ${type}. Replace the wildcard with a valid principal value.`
    const hint = type === 'AWS' ? ' Or name "*", with a condition on aws:PrincipalArn.' : ''
    book.note('UNSUPPORTED_WILDCARD_IN_PRINCIPAL', `${sentence}${hint}`, entry)
  } else if (type === 'Service' && !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/.test(text)) {
    const sentence =
      'The service principal does not match the expected format. Use the format service-name.amazonaws.com.'
    book.note('INVALID_SERVICE_PRINCIPAL_FORMAT', sentence, entry)
  } else if (type === 'AWS' && text.startsWith('AROA')) {
    const sentence = 'The Principal element includes the IAM role ID'
    book.note('INVALID_ROLE_REFERENCE', `${sentence} ${text}. We recommend that you use a role ARN instead.`, entry)
  } else if (type === 'AWS' && text.startsWith('AIDA')) {
    const sentence = 'The Principal element includes the IAM user ID'
    book.note('INVALID_USER_REFERENCE', `${sentence} ${text}. We recommend that you use a user ARN instead.`, entry)
  }
}

function checkNegated(book: Notebook, { effect }: LintedStatement, principal: PrincipalElement): void {
  if (!principal.isNegated) return
  if (book.kind === 'trust') {
    const sentence =
      'Role trust policies do not support NotPrincipal. Update the policy to use a Principal element instead.'
    book.note('ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL', sentence, principal)
  } else if (effect === 'Allow') {
    const sentence =
      'Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.'
    book.note('ALLOW_WITH_NOT_PRINCIPAL', sentence, principal)
  }
}

/** Which of the ways to take a role on are open to whom. */
function checkTrust(book: Notebook, { action }: LintedStatement, { entries }: PrincipalElement): void {
  for (const value of action?.isNegated === false ? action.values : []) {
    const name = value.text.toLowerCase()
    const isFit = ({ type, text }: NamedPrincipal): boolean => {
      const isSaml = text.includes(':saml-provider/')
      if (name === 'sts:assumerole') return type !== 'Federated'
      if (name === 'sts:assumerolewithsaml') return type === 'Federated' && isSaml
      return name !== 'sts:assumerolewithwebidentity' || (type === 'Federated' && !isSaml)
    }
    const unfit = entries.filter((entry) => !isFit(entry))
    if (unfit.length === 0) continue
    const names = listed(unfit.map(({ text }) => text))
    const sentence =
      `The ${value.text} action is invalid with the following principal(s): ${names}. Use a SAML provider principal ` +
      'with the sts:AssumeRoleWithSAML action or use an OIDC provider principal with the ' +
      'sts:AssumeRoleWithWebIdentity action. Ensure the provider is Federated if you use either of the two options.'
    book.note('MISMATCHED_ACTION_FOR_PRINCIPAL', sentence, value, ...unfit)
  }
}

function checkReach(book: Notebook, statement: LintedStatement, { entries, path }: PrincipalElement): void {
  const { clauses } = statement
  const everyone = entries.find(({ type, text }) => type === 'AWS' && text === '*')
  const isBareStar = everyone !== undefined && everyone.path.length === path.length
  if (book.kind === 'trust' && everyone !== undefined && isBareStar) {
    const sentence =
      '"Principal:" "*" is not supported in the principal element of a role trust policy. ' +
      'Replace the wildcard with a valid principal value.'
    book.note('ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL', sentence, everyone)
  } else if (everyone !== undefined && !clauses.some(restrictsCaller)) {
    const state = clauses.length === 0 ? 'has no Condition' : 'has no condition that says who'
    const sentence =
      `Using Allow with the principal "*" lets in everybody of every account, and the statement ${state}. Name ` +
      'accounts, users or roles, or add a condition such as aws:PrincipalOrgID or kms:CallerAccount.'
    book.note('ALLOW_WITH_STAR_IN_PRINCIPAL', sentence, everyone)
  }
  const service = entries.find(({ type }) => type === 'Service')
  if (service === undefined || book.kind === 'trust') return
  if (clauses.some(({ key }) => SOURCE_KEYS.some((name) => key.toLowerCase().startsWith(name)))) return
  const sentence =
    'Granting access to a service principal without specifying a source is overly permissive. Use aws:SourceArn, ' +
    'aws:SourceAccount, aws:SourceOrgID, or aws:SourceOrgPaths condition key to grant fine-grained access.'
  book.note('RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL', sentence, service)
}
