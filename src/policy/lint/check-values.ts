import { readBinary } from '../conditions/binary.ts'
import { readDate } from '../conditions/date.ts'
import { readNetwork, networkText } from '../conditions/ip-address.ts'
import { readNumber } from '../conditions/numeric.ts'
import type { Operator } from '../conditions/operator.ts'
import type { IssueCode } from './issues.ts'
import type { Notebook } from './notebook.ts'
import type { Clause, Value } from './statement.ts'

/** What a key is compared with. */
export function checkValues(book: Notebook, clause: Clause): void {
  const { operator, values } = clause
  if (operator === undefined) return
  if (values.length === 0) noteNothing(book, clause, operator)
  const isBoolean = operator.family === 'bool' || operator.family === 'null'
  if (isBoolean && values.length > 1) {
    const sentence = 'The condition key does not support multiple Boolean values. Use a single Boolean value.'
    book.note('INVALID_CONDITION_MULTIPLE_BOOLEAN', sentence, clause)
  }
  for (const value of values) {
    if (value.text.includes('${') && operator.family !== 'string' && operator.family !== 'arn') {
      const sentence = 'Policy variables can only be used with String and ARN operators.'
      book.note('INVALID_VARIABLE_FOR_OPERATOR', sentence, value)
    } else checkForm(book, clause, operator, value)
    checkMeaning(book, clause, operator, value)
  }
  checkNumbers(book, clause, operator)
}

function noteNothing(book: Notebook, clause: Clause, { quantifier, ifExists }: Operator): void {
  const { key } = clause
  const onlyMissing = (what: string) =>
    `The ${what} with an empty condition key matches only if the key ${key} is missing from the request context. To ` +
    'determine if the request context is empty, we recommend that you use the Null condition operator with the ' +
    'value of true instead.'
  if (quantifier === 'all') book.note('EMPTY_ARRAY_CONDITION_FORALLVALUES', onlyMissing('ForAllValues prefix'), clause)
  else if (quantifier === 'any') {
    const sentence = `The ForAnyValue prefix with an empty condition key ${key} never matches the request context and it does not affect the policy. Specify conditions.`
    book.note('EMPTY_ARRAY_CONDITION_FORANYVALUE', sentence, clause)
  } else if (ifExists) book.note('EMPTY_ARRAY_CONDITION_IFEXISTS', onlyMissing('IfExists suffix'), clause)
  else {
    const sentence = `There are no values for the condition key ${key} and it does not affect the policy. Specify conditions.`
    book.note('EMPTY_ARRAY_CONDITION', sentence, clause)
  }
}

/** Why a value is none of the operator's type. */
function malformed({ family, name }: Operator, text: string): readonly [IssueCode, string] | undefined {
  switch (family) {
    case 'bool':
    case 'null':
      return /^(?:true|false)$/i.test(text)
        ? undefined
        : ['TYPE_MISMATCH_BOOLEAN', `Add a valid Boolean value (true or false) for the condition operator ${name}.`]
    case 'numeric':
      return readNumber(text) === undefined
        ? ['TYPE_MISMATCH_NUMBER', `Add a valid numeric value for the condition operator ${name}.`]
        : undefined
    case 'date':
      return readDate(text) === undefined
        ? [
            'TYPE_MISMATCH_DATE',
            'The date condition operator is used with an invalid value. Specify a valid date using YYYY-MM-DD or other ISO 8601 date/time format.',
          ]
        : undefined
    case 'ip-address':
      return readNetwork(text) === undefined
        ? [
            'TYPE_MISMATCH_IP_RANGE',
            `The condition operator ${name} is used with an invalid IP range value. Specify the IP range in standard CIDR format.`,
          ]
        : undefined
    case 'binary':
      return readBinary(text) === undefined
        ? ['TYPE_MISMATCH_STRING', `Add a valid base64-encoded string value for the condition operator ${name}.`]
        : undefined
    default:
      return undefined
  }
}

function checkForm(book: Notebook, { key }: Clause, operator: Operator, value: Value): void {
  const { text } = value
  const wrong = malformed(operator, text)
  if (wrong !== undefined) {
    book.note(wrong[0], `${wrong[1]} "${text}" is none.`, value)
    return
  }
  if (operator.family === 'date' && readNumber(text) !== undefined && key.toLowerCase() !== 'aws:epochtime') {
    const sentence = `The date ${text} might not resolve as expected. We recommend that you use the YYYY-MM-DD format.`
    book.note('INVALID_DATE_VALUE', sentence, value)
  }
  if (operator.family === 'ip-address') {
    const network = readNetwork(text)
    const meant = network === undefined ? text : networkText(network)
    if (network === undefined || meant === text || !text.includes('/') || !hasHostBits(network, text)) return
    const sentence = `The non-zero bits in the IP address after the masked bits are ignored. Replace address with ${meant}.`
    book.note('IMPROVE_IP_RANGE', sentence, value)
  }
}

function hasHostBits(network: NonNullable<ReturnType<typeof readNetwork>>, text: string): boolean {
  const whole = readNetwork(text.slice(0, text.indexOf('/')))
  const kept = readNetwork(networkText(network).split('/')[0] ?? '')
  return whole?.groups.some((group, index) => group !== kept?.groups[index]) === true
}

/** Keys whose values are names of Regions. */
const OF_REGIONS = [
  'aws:requestedregion',
  'kms:replicaregion',
  'kms:primaryregion',
  'account:targetregion',
  'cloudformation:targetregion',
]

/** What looks like something that it is not. */
function checkMeaning(book: Notebook, { key }: Clause, operator: Operator, value: Value): void {
  const { text } = value
  const { family, comparison } = operator
  const name = key.toLowerCase()
  const isWild = /[*?]/.test(text.replaceAll(/\$\{[^}]*\}?/g, ''))
  if (family === 'string' && comparison !== 'like' && isWild) {
    const sentence =
      'Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), update the condition ' +
      'operator to include Like.'
    book.note('WILDCARD_WITHOUT_LIKE_OPERATOR', sentence, value)
  }
  if (family !== 'string' || isWild || text.includes('${')) return
  if (OF_REGIONS.includes(name) && !book.options.isRegion(text)) {
    const sentence = `The Region ${text} is not valid. Update the condition value to a supported Region.`
    book.note('INVALID_REGION', sentence, value)
  } else if (name === 'kms:viaservice' && !/^[a-z0-9-]+\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(text)) {
    const form = 'service-name.AWS_region.amazonaws.com'
    const sentence = `The service principal does not match the expected format. Use the format ${form}.`
    book.note('INVALID_SERVICE_PRINCIPAL_FORMAT', sentence, value)
  } else if (name === 'aws:sourcevpc' && !/^vpc-(?:[a-z0-9]{8}|[a-z0-9]{17})$/i.test(text)) {
    const sentence = "The VPC identifier in the condition key value is not valid. Use the prefix 'vpc-' followed by"
    book.note('INVALID_VPC_FORMAT', `${sentence} 8 or 17 alphanumeric characters.`, value)
  } else if (name === 'aws:sourcevpce' && !/^vpce-(?:[a-z0-9]{8}|[a-z0-9]{17})$/i.test(text)) {
    const sentence = "The VPCE identifier in the condition key value is not valid. Use the prefix 'vpce-' followed by"
    book.note('INVALID_VPCE_FORMAT', `${sentence} 8 or 17 alphanumeric characters.`, value)
  }
}

/** Of several bounds one is enough. */
function checkNumbers(book: Notebook, clause: Clause, { family, comparison, name }: Operator): void {
  if (family !== 'numeric' || comparison === 'equals' || clause.values.length < 2) return
  const which = comparison.startsWith('less') ? 'greatest' : 'least'
  const sentence = `Multiple values in ${name} are redundant. Replace with the ${which} single value for ${clause.key}.`
  book.note('REDUNDANT_CONDITION_VALUE_NUM', sentence, clause)
}
