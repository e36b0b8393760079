import { budgetOf } from '../compare/budget.ts'
import { canMeet } from '../compare/pattern-sets.ts'
import { isKnownService, PREFIXES, resourceKinds } from '../vocabulary/vocabulary.ts'
import type { Notebook } from './notebook.ts'
import type { LintedStatement, Value } from './statement.ts'

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov']

/** The resources of a statement, each for itself. */
export function checkResources(book: Notebook, { resource }: LintedStatement): void {
  if (resource === undefined || book.rules.resource === 'forbidden') return
  const nothing = 'This statement includes no resources and does not affect the policy. Specify resources.'
  if (resource.values.length === 0) book.note('EMPTY_ARRAY_RESOURCE', nothing, resource)
  for (const value of resource.values) {
    if (value.text === '*') continue
    checkArn(book, value)
    if (book.kind === 'key') checkOwnKey(book, value)
  }
}

/** Says where two colons have nothing between them that should have. */
function doubled(arn: string): string {
  const at = arn.indexOf('::')
  return at < 0 ? '' : ` "${arn.slice(0, at + 2)}" ends with two colons and nothing between them.`
}

function checkArn(book: Notebook, value: Value): void {
  const { text } = value
  if (!text.startsWith('arn:')) {
    book.note('INVALID_ARN_PREFIX', 'Add the required prefix (arn) to the resource ARN. Or write "*" for all.', value)
    return
  }
  const [, partition = '', service = '', region, account, ...rest] = text.split(':')
  if (region === undefined || account === undefined || rest.length === 0 || service === '') {
    const form = 'arn:partition:service:region:account:resource'
    const sentence = `Resource ARNs must include at least 6 fields in the following structure: ${form}`
    book.note('MISSING_ARN_FIELD', `${sentence}.${doubled(text)}`, value)
    return
  }
  if (!/[*?]/.test(partition) && !PARTITIONS.includes(partition)) {
    const sentence = `The resource ARN for the service ${service} does not support the partition ${partition}.`
    book.note('INVALID_PARTITION', `${sentence} Use the supported values: ${PARTITIONS.join(', ')}`, value)
  }
  checkService(book, value, service)
  checkRegionOf(book, value, service, region)
  checkAccountOf(book, value, service, account, rest.join(':'))
  checkFormOf(book, value, service, rest.join(':'))
}

function checkService(book: Notebook, value: Value, service: string): void {
  if (/[*?]/.test(service)) {
    const sentence =
      'Avoid using wildcards (*, ?) in the service name because it might grant unintended access to other AWS ' +
      'services with similar names.'
    book.note('WILDCARD_IN_SERVICE_NAME', sentence, value)
  } else if (service !== service.toLowerCase()) {
    const sentence = `Update the service name ${service} in the resource ARN to use all lowercase letters.`
    book.note('INVALID_ARN_SERVICE_CASE', sentence, value)
  } else if (!PREFIXES.has(service)) {
    const meant = book.meant(service, () => PREFIXES)
    book.note('INVALID_SERVICE', `The service ${service} does not exist. Use a valid service name.${meant}`, value)
  }
}

/** A component of the ARNs of a service: empty in all of them, in none of them, or neither. */
function usage(service: string, component: 3 | 4): 'never' | 'always' | 'both' {
  const parts = resourceKinds(service).map(({ arn }) => arn.split(':')[component] ?? '')
  if (parts.length === 0) return 'both'
  if (parts.every((part) => part === '')) return 'never'
  return parts.includes('') ? 'both' : 'always'
}

function checkRegionOf(book: Notebook, value: Value, service: string, region: string): void {
  const use = usage(service, 3)
  if (region === '' && use === 'always') {
    book.note('MISSING_ARN_REGION', `Add a Region to the ${service} resource ARN.${doubled(value.text)}`, value)
  } else if (region !== '' && use === 'never') {
    const sentence = `The service ${service} does not support specifying a Region in the resource ARN.`
    book.note('ARN_REGION_NOT_ALLOWED', sentence, value)
  } else if (region !== '' && !/[*?]/.test(region) && !book.options.isRegion(region)) {
    const sentence = `The Region ${region} is not valid for this resource. Update the resource ARN to include a supported Region.`
    book.note('INVALID_ARN_REGION', sentence, value)
  }
}

function checkAccountOf(book: Notebook, value: Value, service: string, account: string, name: string): void {
  if (account === '' && usage(service, 4) === 'always') {
    const sentence = `The resource ${name} in the arn is missing an account id. Please provide a 12 digit account id.`
    book.note('MISSING_ARN_ACCOUNT', `${sentence}${doubled(value.text)}`, value)
  } else if (account !== '' && account !== 'aws' && !/^\d{12}$/.test(account) && !/[*?]|\$\{/.test(account)) {
    const sentence = `The resource ARN account ID ${account} is not valid. Provide a 12-digit account ID.`
    book.note('INVALID_ARN_ACCOUNT', sentence, value)
  }
}

/** So many steps find out whether a resource can be of a kind. */
const TO_COMPARE = 20_000

/** The kinds of resources that the last component of an ARN can be of. */
export function kindsOf(service: string, resource: string): readonly string[] {
  const budget = budgetOf(TO_COMPARE)
  const open = resource.replaceAll(/\$\{[^}]*\}?/g, '*')
  return resourceKinds(service).flatMap(({ name, arn }) => {
    const form = arn.split(':').slice(5).join(':')
    return canMeet(open, form, budget) ? name : []
  })
}

function checkFormOf(book: Notebook, value: Value, service: string, resource: string): void {
  if (!isKnownService(service) || kindsOf(service, resource).length > 0) return
  const forms = resourceKinds(service).map(({ arn }) => arn.split(':').slice(5).join(':'))
  const sentence =
    'Resource ARN does not match the expected ARN format. Update the resource portion of the ARN. ' +
    `It is one of ${forms.join(', ')}.`
  book.note('INVALID_ARN_RESOURCE', `${sentence}${resource.startsWith(':') ? doubled(value.text) : ''}`, value)
}

/** A key policy is about its key, and about no other resource. */
function checkOwnKey(book: Notebook, value: Value): void {
  const { key } = book.options
  const [, , service, region, account, ...rest] = value.text.split(':')
  const resource = rest.join(':')
  const code = 'UNSUPPORTED_RESOURCE_ARN_IN_POLICY'
  const sentence =
    'The resource ARN is not supported for the resource-based policy attached to the resource type AWS::KMS::Key.'
  if (service !== undefined && service !== 'kms') {
    book.note(code, `${sentence} A key policy is about its key: write "*".`, value)
  } else if (resource.startsWith('alias/')) {
    book.note(code, `${sentence} Permissions are asked on the key and never on its alias: write "*".`, value)
  } else if (key !== undefined) {
    const own = key.split(':')
    const isOwn = [region, account, resource].every((part, index) =>
      canMeet(part ?? '', index === 2 ? own.slice(5).join(':') : (own[index + 3] ?? ''), budgetOf(TO_COMPARE)),
    )
    if (isOwn) return
    const isRelated = resource === own[5] && account === own[4]
    const whose = isRelated ? `This is the related key in ${region}, and not ${key}` : `This is not ${key}`
    book.note(code, `${sentence} ${whose}: the statement never matches. Write "*", which is the key.`, value)
  }
}
