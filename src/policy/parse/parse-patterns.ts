import { isArn } from '../patterns/arn-pattern.ts'
import type { PatternElement, Text } from './document.ts'
import type { JsonMember, JsonNode } from './parse-json.ts'
import { type PolicyErrorCode, SYNTAX } from './policy-error.ts'
import { member, type Reader, strings, syntaxError } from './reader.ts'

type Path = readonly (string | number)[]

/** What is wrong with a pattern: AWS's sentence, and perhaps a hint. */
type Refusal = readonly [sentence: string, hint?: string]

/** Reads `Action` or `NotAction`, or `Resource` or `NotResource`: exactly one of the two. */
export function readPatterns(
  reader: Reader,
  node: JsonNode,
  members: readonly JsonMember[],
  name: 'Action' | 'Resource',
  path: Path,
): PatternElement | undefined {
  const positive = member(members, name)
  const negative = member(members, `Not${name}`)
  const found = positive ?? negative
  const rule = name === 'Action' ? reader.rules.action : reader.rules.resource
  const code = name === 'Action' ? 'action' : 'resource'
  const missing = `Policy statement must contain ${code}s.`
  if (found === undefined) {
    if (rule === 'required') reader.report(code, missing, node.at, path)
    return undefined
  }
  const here = [...path, found.name]
  if (rule === 'forbidden') {
    reader.report('forbidden', `Has prohibited field ${found.name}.`, found.at, here)
    return undefined
  }
  if (positive !== undefined && negative !== undefined) {
    syntaxError(reader, negative, here, `A statement has either ${name} or Not${name}.`)
  }
  if (negative !== undefined && name === 'Action' && !reader.rules.notAction) {
    syntaxError(reader, negative, here, 'NotAction may not stand in this kind of policy.')
  }
  const before = reader.errors.length
  const patterns = strings(reader, found.value, here)
  // The complement of nothing would be everything, which nobody means.
  if (patterns.length === 0 && reader.errors.length === before && (rule === 'required' || negative !== undefined)) {
    reader.report(code, missing, found.value.at, here)
  }
  const refuse = name === 'Action' ? refuseAction : refuseResource
  for (const [index, pattern] of patterns.entries())
    report(reader, code, refuse(reader, pattern), found.value, index, here)
  return { negated: positive === undefined, patterns, ...reader.position(found.at) }
}

function report(
  reader: Reader,
  code: PolicyErrorCode,
  refusal: Refusal | undefined,
  value: JsonNode,
  index: number,
  path: Path,
): void {
  if (refusal === undefined) return
  const at = value.kind === 'array' ? (value.items[index]?.at ?? value.at) : value.at
  reader.report(code, refusal[0], at, value.kind === 'array' ? [...path, index] : path, refusal[1])
}

/** What can be done by taking a role on. */
const TRUST_ACTION = /^sts:(?:AssumeRole(?:\*|WithSAML|WithWebIdentity)?|TagSession|SetSourceIdentity|SetContext)$/i

function refuseAction(reader: Reader, { value }: Text): Refusal | undefined {
  const { everyAction, onlyService } = reader.rules
  if (onlyService !== undefined) {
    const isPut = reader.options.putInIam !== undefined
    const isFit = isPut ? TRUST_ACTION.test(value) : value.toLowerCase().startsWith(`${onlyService}:`)
    if (!isFit) return ['AssumeRole policy may only specify STS AssumeRole actions.']
  }
  if (value === '*') return everyAction ? undefined : [SYNTAX, 'Action may not be "*" alone in this kind of policy.']
  const [vendor = '', name, more] = value.split(':')
  if (name === undefined) return ['Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.']
  if (more !== undefined) return ['Actions/Condition can contain only one colon.']
  if (!/^[a-zA-Z0-9.*?-]+$/.test(vendor)) return [`Vendor ${vendor} is not valid`]
  return name === '' ? [SYNTAX, `"${value}" names no action.`] : undefined
}

/** What stands first in the last part of an ARN of IAM. */
const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
]

/** Services whose ARNs have no Region, and how IAM says so. */
const WITHOUT_REGION: ReadonlyMap<string, (arn: string) => string> = new Map([
  ['iam', (arn: string) => `IAM resource ${arn} cannot contain region information.`],
  ['s3', (arn: string) => `Resource ${arn} can not contain region information.`],
])

/** What IAM knows of the ARNs of two services. */
function refuseKnownArn(arn: string): Refusal | undefined {
  const [, , service = '', region = '', , ...resource] = arn.split(':')
  const sentence = WITHOUT_REGION.get(service)
  if (sentence !== undefined && region !== '') return [sentence(arn)]
  const path = resource.join(':')
  if (service !== 'iam' || path === '*' || IAM_PATHS.some((prefix) => path.startsWith(prefix))) return undefined
  return [`IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`]
}

function refuseResource({ options }: Reader, { value }: Text): Refusal | undefined {
  if (value === '*') return undefined
  if (!value.startsWith('arn:')) return [`Resource ${value} must be in ARN format or "*".`]
  const [, partition = '', service = '', ...others] = value.split(':')
  // One that ends with the service is taken, and is the ARN of nothing.
  if (!isArn(value) && others.length > 0) {
    return ['The policy failed legacy parsing', `"${value}" has fewer than six parts.`]
  }
  if (!/[*?]/.test(partition) && !/^aws(-[a-z]+)*$/.test(partition)) {
    return [`Partition "${partition}" is not valid for resource "${value}".`]
  }
  if (service === '' || /[*?]/.test(service)) {
    return ['Resource vendor must be fully qualified and cannot contain regexes.']
  }
  return options.putInIam !== undefined && isArn(value) ? refuseKnownArn(value) : undefined
}
