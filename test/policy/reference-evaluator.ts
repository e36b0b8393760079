/**
 * A second evaluator, written straight from the rules that AWS documents: slow, plain, and sharing nothing with
 * `src/policy`. Where the two differ, one of them is wrong.
 *
 * It takes documents that are known to be well-formed, as text.
 */

type Raw = Readonly<Record<string, unknown>>
type Context = Readonly<Record<string, string | readonly string[]>>
type Value = string | readonly string[] | typeof DOUBLED

/** A key that has several values, under names that differ in case: what depends on it denies and does not allow. */
const DOUBLED = Symbol('doubled')

export interface ReferenceCaller {
  readonly type: 'root' | 'user' | 'role' | 'federated' | 'service'
  readonly account?: string
  readonly forms: readonly { readonly kind: string; readonly id: string }[]
  readonly hasBoundary: boolean
}

export interface ReferenceQuestion {
  readonly action: string
  readonly resource: string
  readonly context: Context
  readonly caller: ReferenceCaller
  readonly identity: readonly string[]
  readonly boundary?: string
  readonly session?: readonly string[]
  readonly scp?: readonly (readonly string[])[]
  readonly rcp?: readonly (readonly string[])[]
  readonly vpce?: string
  readonly resourcePolicy?: string
  readonly grants: readonly { readonly grantee: string; readonly issuingAccount: string }[]
  readonly resourceAccount?: string
  readonly crossAccount: boolean
}

/** `allow`, or the kind and layer of the denial: `explicit-deny scp`. */
export function referenceAuthorize(q: ReferenceQuestion): string {
  const service = q.caller.type === 'service'
  const foreign = !service && q.resourceAccount !== undefined && q.resourceAccount !== q.caller.account
  if (foreign && !q.crossAccount) return 'implicit-deny resource'

  const all: [string, readonly string[]][] = [
    ['identity', service ? [] : q.identity],
    ['boundary', service || q.boundary === undefined ? [] : [q.boundary]],
    ['session', service ? [] : (q.session ?? [])],
    ['scp', service ? [] : (q.scp ?? []).flat()],
    ['rcp', (q.rcp ?? []).flat()],
    ['vpce', q.vpce === undefined ? [] : [q.vpce]],
    ['resource', q.resourcePolicy === undefined ? [] : [q.resourcePolicy]],
  ]
  for (const [layer, documents] of all) {
    if (documents.some((document) => matching(document, 'Deny', q).length > 0)) return `explicit-deny ${layer}`
  }

  const allows = (documents: readonly string[]) => documents.some((text) => matching(text, 'Allow', q).length > 0)
  if (!service && q.scp !== undefined && !q.scp.every((level) => allows(level))) return 'implicit-deny scp'
  if (q.vpce !== undefined && !allows([q.vpce])) return 'implicit-deny vpce'

  const side = new Set(q.grants.map(fromGrant))
  if (q.resourcePolicy !== undefined) for (const kind of matching(q.resourcePolicy, 'Allow', q)) side.add(kind)
  if (service) return side.has('SERVICE') || side.has('STAR') ? 'allow' : 'implicit-deny resource'

  const root = q.caller.type === 'root'
  const I = root || allows(q.identity)
  const B = root || q.boundary === undefined || allows([q.boundary])
  const S = root || (q.session === undefined ? q.caller.type !== 'federated' : allows(q.session))
  const limits = !B ? 'implicit-deny boundary' : !S ? 'implicit-deny session' : 'allow'
  const own = !I ? 'implicit-deny identity' : limits
  const named = (kinds: ReadonlySet<string>): string | undefined => {
    if (kinds.has('DIRECT_SESSION')) return 'allow'
    if (kinds.has('DIRECT_USER') && q.caller.type === 'user') return 'allow'
    return kinds.has('DIRECT_USER') || kinds.has('DIRECT_ROLE') ? limits : undefined
  }
  if (foreign) {
    if (side.size === 0) return 'implicit-deny resource'
    const issued = q.grants.filter((grant) => grant.issuingAccount === q.caller.account)
    // Recorded: of a role that a grant names, the session's policies are told of first.
    const isSilent = !S && q.grants.some(({ grantee }) => grantee === 'role')
    return named(new Set(issued.map(fromGrant))) ?? (isSilent ? 'implicit-deny session' : own)
  }
  if (q.resourcePolicy === undefined && q.grants.length === 0) return own
  if (side.has('STAR')) return 'allow'
  return named(side) ?? (side.has('ACCOUNT') ? own : 'implicit-deny resource')
}

function fromGrant({ grantee }: { readonly grantee: string }): string {
  const kinds: Record<string, string> = {
    session: 'DIRECT_SESSION',
    user: 'DIRECT_USER',
    role: 'DIRECT_ROLE',
    service: 'SERVICE',
  }
  return kinds[grantee] ?? 'ACCOUNT'
}

/** How the statements of an effect match, a kind each. */
function matching(text: string, effect: string, q: ReferenceQuestion): string[] {
  const document = JSON.parse(text) as Raw
  const variables = document['Version'] === '2012-10-17'
  const found: string[] = []
  for (const statement of many(document['Statement']) as Raw[]) {
    if (statement['Effect'] !== effect) continue
    if (!actionMatches(statement, q.action) || !resourceMatches(statement, q, effect, variables)) continue
    if (!conditionsMatch((statement['Condition'] ?? {}) as Raw, q.context, effect, variables)) continue
    found.push(...principalKinds(statement, q.caller, effect))
  }
  return found
}

function many(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function actionMatches(statement: Raw, action: string): boolean {
  const match = (patterns: unknown) =>
    many(patterns).some((pattern) => like(wild(String(pattern).toLowerCase()), action.toLowerCase()))
  if (statement['NotAction'] !== undefined) return !match(statement['NotAction'])
  return statement['Action'] !== undefined && match(statement['Action'])
}

function resourceMatches(statement: Raw, q: ReferenceQuestion, effect: string, variables: boolean): boolean {
  const one = (pattern: string): Result => {
    if (pattern === '*') return true
    const parts = pattern.split(':')
    const rest = tokens(parts.slice(5).join(':'), true, variables, q.context)
    if (rest === DOUBLED) return 'doubled'
    if (rest === undefined) return 'unusable'
    return arnLike([...parts.slice(0, 5).map(wild), rest], q.resource)
  }
  if (statement['NotResource'] !== undefined) {
    const results = many(statement['NotResource']).map((pattern) => one(String(pattern)))
    return !results.includes(true) && (!isUncertain(results) || effect === 'Deny')
  }
  if (statement['Resource'] === undefined) return false
  return matched(
    many(statement['Resource']).map((each) => one(String(each))),
    effect,
  )
}

function matched(results: readonly Result[], effect: string): boolean {
  return results.includes(true) || (results.includes('doubled') && effect === 'Deny')
}

function isUncertain(results: readonly Result[]): boolean {
  return results.includes('unusable') || results.includes('doubled')
}

function principalKinds(statement: Raw, caller: ReferenceCaller, effect: string): string[] {
  const listed = statement['Principal'] ?? statement['NotPrincipal']
  if (listed === undefined) return ['STAR']
  const byType = (typeof listed === 'string' ? { AWS: listed } : listed) as Raw
  const aws = many(byType['AWS'] ?? []).map(String)
  const services = many(byType['Service'] ?? []).map(String)
  const account = caller.account
  const accountListed = account !== undefined && aws.some((p) => p === account || p === `arn:aws:iam::${account}:root`)
  const formListed = (form: { kind: string; id: string }) =>
    form.kind === 'service' ? services.includes(form.id) : aws.includes(form.id)
  if (statement['NotPrincipal'] !== undefined && effect === 'Deny') {
    const accountExempt = account === undefined || accountListed
    const exempt = !caller.hasBoundary && (aws.includes('*') || (accountExempt && caller.forms.every(formListed)))
    return exempt ? [] : ['STAR']
  }
  const names: Record<string, string> = {
    session: 'DIRECT_SESSION',
    federated: 'DIRECT_SESSION',
    user: 'DIRECT_USER',
    role: 'DIRECT_ROLE',
    service: 'SERVICE',
  }
  const kinds = caller.forms.filter(formListed).map((form) => names[form.kind] ?? '')
  if (aws.includes('*')) kinds.push('STAR')
  if (accountListed) kinds.push('ACCOUNT')
  if (statement['NotPrincipal'] !== undefined) return kinds.length === 0 ? ['STAR'] : []
  return kinds
}

function conditionsMatch(block: Raw, context: Context, effect: string, variables: boolean): boolean {
  return Object.entries(block).every(([operator, keys]) =>
    Object.entries(keys as Raw).every(([key, values]) =>
      conditionMatches(operator, lookup(context, key), many(values).map(String), context, effect, variables),
    ),
  )
}

function lookup(context: Context, key: string): Value | undefined {
  const names = Object.keys(context).filter((each) => each.toLowerCase() === key.toLowerCase())
  const [value, ...others] = names.map((name) => context[name])
  if (others.some((other) => other !== value)) return DOUBLED
  return Array.isArray(value) && value.length === 0 ? undefined : value
}

function conditionMatches(
  operator: string,
  actual: Value | undefined,
  values: readonly string[],
  context: Context,
  effect: string,
  variables: boolean,
): boolean {
  const all = operator.startsWith('ForAllValues:')
  const any = operator.startsWith('ForAnyValue:')
  const ifExists = operator.endsWith('IfExists')
  const bare = operator.replace(/^For(All|Any)Values?:/, '').replace(/IfExists$/, '')
  const isNegated = bare.includes('Not')
  const positive = bare.replace('Not', '')
  if (bare === 'Null') return values.some((value) => (value.toLowerCase() === 'true') === (actual === undefined))
  if (actual === DOUBLED) return effect === 'Deny'
  if (actual === undefined) {
    if (ifExists || all) return true
    return any ? false : isNegated
  }
  const one = (value: string): boolean => {
    if (positive.startsWith('Arn') && (!value.startsWith('arn:') || value.split(':').length < 6)) return false
    if (positive === 'IpAddress' && addressBits(value) === undefined) return false
    const results = values.map((each) => compare(positive, value, each, context, variables))
    if (!isNegated) return matched(results, effect)
    return !results.includes(true) && (!isUncertain(results) || effect === 'Deny')
  }
  if (all || any) {
    const list = typeof actual === 'string' ? [actual] : actual
    return all ? list.every(one) : list.some(one)
  }
  return typeof actual === 'string' && one(actual)
}

type Result = boolean | 'unusable' | 'doubled'

function compare(operator: string, actual: string, value: string, context: Context, variables: boolean): Result {
  if (operator.startsWith('Arn')) {
    if (value === '*') return true
    const pattern = tokens(value, true, variables, context)
    if (pattern === DOUBLED) return 'doubled'
    return pattern === undefined ? 'unusable' : arnLike(sixParts(value, variables, context) ?? [], actual)
  }
  if (operator.startsWith('String')) {
    const pattern = tokens(value, operator === 'StringLike', variables, context)
    if (pattern === DOUBLED) return 'doubled'
    if (pattern === undefined) return 'unusable'
    if (operator !== 'StringEqualsIgnoreCase') return like(pattern, actual)
    return like(
      pattern.map((token) => (token.length === 1 ? token.toLowerCase() : token)),
      actual.toLowerCase(),
    )
  }
  if (operator === 'Bool') return (actual.toLowerCase() === 'true') === (value.toLowerCase() === 'true')
  if (operator === 'BinaryEquals') return Buffer.from(actual, 'base64').equals(Buffer.from(value, 'base64'))
  if (operator === 'IpAddress') return inNetwork(actual, value)
  const convert = operator.startsWith('Date') ? milliseconds : decimal
  const left = convert(actual)
  const right = convert(value)
  const comparison = operator.replace(/^(Numeric|Date)/, '')
  if (comparison === 'Equals') return left === right
  if (comparison === 'LessThan') return left < right
  if (comparison === 'LessThanEquals') return left <= right
  return comparison === 'GreaterThan' ? left > right : left >= right
}

function decimal(text: string): number {
  return text === '' ? Number.NaN : Number(text)
}

function milliseconds(text: string): number {
  if (/^[0-9.]+$/.test(text)) return Math.trunc(Number(text) * 1000)
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
}

/** Wildcards are the two-character tokens, so that a substituted asterisk is not one of them. */
const MANY = '**'
const SINGLE = '??'

function wild(text: string): string[] {
  const found = tokens(text, true, false, {})
  return Array.isArray(found) ? found : []
}

function tokens(
  text: string,
  wildcards: boolean,
  variables: boolean,
  context: Context,
): string[] | undefined | typeof DOUBLED {
  let isUsable = true
  const result: string[] = []
  for (let rest = text; rest !== '';) {
    const found = variables ? /^\$\{([^}]*)\}/.exec(rest) : null
    if (found === null) {
      const unit = rest.charAt(0)
      result.push(wildcards && unit === '*' ? MANY : wildcards && unit === '?' ? SINGLE : unit)
      rest = rest.slice(1)
      continue
    }
    rest = rest.slice(found[0].length)
    const [name = '', fallback] = (found[1] ?? '').split(/, */)
    if (['*', '?', '$'].includes(name)) {
      result.push(name)
      continue
    }
    const value = lookup(context, name) ?? fallback?.slice(1, -1)
    if (value === DOUBLED) return DOUBLED
    if (typeof value !== 'string') isUsable = false
    else for (let i = 0; i < value.length; i++) result.push(value.charAt(i))
  }
  return isUsable ? result : undefined
}

/** The six parts of a pattern; a colon inside a variable's name or value separates nothing. */
function sixParts(text: string, variables: boolean, context: Context): string[][] | undefined {
  const names: string[] = []
  const hidden = variables ? text.replace(/\$\{[^}]*\}/g, (variable) => `<${names.push(variable) - 1}>`) : text
  const parts = hidden.split(':')
  const six = [...parts.slice(0, 5), parts.slice(5).join(':')]
  const shown = six.map((part) =>
    tokens(
      part.replace(/<(\d+)>/g, (_, index: string) => names[Number(index)] ?? ''),
      true,
      variables,
      context,
    ),
  )
  return shown.every((part) => Array.isArray(part)) ? shown : undefined
}

function arnLike(pattern: readonly (readonly string[])[], arn: string): boolean {
  const parts = arn.split(':')
  if (pattern.length < 6 || parts.length < 6) return false
  const six = [...parts.slice(0, 5), parts.slice(5).join(':')]
  return six.every((part, index) => like(pattern[index] ?? [], part))
}

/** Wildcard matching by the textbook table: row i, column j is "the first i tokens match the first j units". */
function like(pattern: readonly string[], text: string): boolean {
  let row = [true, ...Array.from(text, () => false), ...Array.from({ length: text.length }, () => false)]
  for (const token of pattern) {
    const next = [token === MANY && row[0] === true]
    for (let j = 1; j <= text.length; j++) {
      if (token === MANY) next.push(row[j] === true || next[j - 1] === true)
      else next.push(row[j - 1] === true && (token === SINGLE || token === text.charAt(j - 1)))
    }
    row = next
  }
  return row[text.length] === true
}

function inNetwork(actual: string, network: string): Result {
  const address = addressBits(actual) ?? ''
  const [base = '', length] = network.split('/')
  const start = bits(base)
  if (start === undefined) return 'unusable'
  if (start.length !== address.length) return false
  const prefix = length === undefined ? start.length : Number(length)
  if (start.length === 128 && start.slice(prefix).includes('1')) return false
  return start.slice(0, prefix) === address.slice(0, prefix)
}

function addressBits(text: string): string | undefined {
  return bits(text.replace(/^::ffff:(?=\d+\.)/i, ''))
}

function groups(part: string): string[] {
  return part === '' ? [] : part.split(':')
}

/** An address as a string of binary digits. IPv6 is written without embedded IPv4 here. */
function bits(text: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(text)) {
    return text
      .split('.')
      .map((each) => Number(each).toString(2).padStart(8, '0'))
      .join('')
  }
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return undefined
  const [left = '', right = ''] = text.split('::')
  const zeros = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => '0')
  return [...groups(left), ...(text.includes('::') ? zeros : []), ...groups(right)]
    .map((each) => Number.parseInt(each, 16).toString(2).padStart(16, '0'))
    .join('')
}
