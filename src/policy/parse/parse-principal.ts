import type { PrincipalElement, PrincipalType, Text } from './document.ts'
import type { JsonMember } from './parse-json.ts'
import { closest } from './policy-error.ts'
import { accountOf } from '../principal.ts'
import { type Reader, strings, syntaxError } from './reader.ts'

const TYPES: readonly PrincipalType[] = ['AWS', 'Service', 'Federated', 'CanonicalUser']

const INVALID = 'Policy contains a statement with one or more invalid principals.'

type Entry = PrincipalElement['entries'][number]
type Path = readonly (string | number)[]

/** Reads `Principal` or `NotPrincipal`; `undefined` where it was refused, which has been reported. */
export function readPrincipal(
  reader: Reader,
  { name, value, at }: JsonMember,
  path: Path,
): PrincipalElement | undefined {
  const negated = name === 'NotPrincipal'
  const here = reader.position(at)
  if (value.kind === 'string') {
    const entry: Entry = { type: 'AWS', value: value.value, ...reader.position(value.at) }
    if (value.value === '*') return { negated, entries: [entry], ...here }
    invalid(reader, value.at, path, `${name} must be "*" or an object such as {"AWS": "arn:..."}.`)
    return undefined
  }
  if (value.kind !== 'object') {
    syntaxError(reader, value, path, `${name} must be "*" or an object such as {"AWS": "arn:..."}.`)
    return undefined
  }
  const entries = value.members.flatMap((member) => readEntries(reader, member, [...path, member.name]))
  if (reader.rules.principal === 'everyone' && !entries.every((entry) => entry.type === 'AWS' && entry.value === '*')) {
    invalid(reader, value.at, path, 'Principal must be "*" in this kind of policy.')
  }
  return { negated, entries, ...here }
}

function readEntries(reader: Reader, { name, value, at }: JsonMember, path: Path): Entry[] {
  const type = TYPES.find((each) => each === name)
  if (type === undefined) {
    const meant = closest(name, TYPES)
    syntaxError(
      reader,
      { at },
      path,
      `"${name}" is no type of principal${meant === undefined ? '.' : `; did you mean "${meant}"?`}`,
    )
    return []
  }
  const texts = strings(reader, value, path)
  for (const text of texts) {
    const hint = refusal(reader, type, text)
    if (hint !== undefined) reader.report('principal', sentence(reader, type, text), value.at, path, hint)
  }
  return texts.map((text) => ({ type, ...text }))
}

function invalid(reader: Reader, at: number, path: Path, hint: string): void {
  reader.report('principal', INVALID, at, path, hint)
}

/** IAM, for trust policies, names the one that it refuses. */
function sentence(reader: Reader, type: PrincipalType, { value }: Text): string {
  return reader.kind === 'trust' ? `Invalid principal in policy: "${type}":"${value}"` : INVALID
}

function refusal(reader: Reader, type: PrincipalType, { value }: Text): string | undefined {
  if (type === 'CanonicalUser') return 'CanonicalUser is for the policies of S3.'
  if (type === 'Federated') {
    return reader.rules.federated ? undefined : 'Identity providers can be named only in trust policies.'
  }
  if (type === 'Service') {
    return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(value) ? undefined : 'A service is named as "service.amazonaws.com".'
  }
  return refuseAws(value)
}

/** Why a value is no AWS principal; `undefined` if it has the form of one. Whether it exists is the caller's to say. */
function refuseAws(value: string): string | undefined {
  if (value === '*' || accountOf(value) !== undefined) return undefined
  if (/[*?]/.test(value))
    return 'A principal takes no wildcards, except "*" alone; use a condition on aws:PrincipalArn.'
  // A root of another partition has the form of a principal, and is nobody here.
  if (/^arn:[a-z-]+:iam::\d{12}:root$/.test(value)) return undefined
  // Unique ids: of a user, of a role, of a role's session.
  if (/^AIDA[A-Z0-9]{4,124}$/.test(value) || /^AROA[A-Z0-9]{4,124}(:[\w+=,.@-]{2,64})?$/.test(value)) return undefined
  if (/^arn:[a-z-]+:iam::\d{12}:(user|role)\/(?:[!-~]{1,510}\/)?[\w+=,.@-]{1,64}$/.test(value)) return undefined
  if (/^arn:[a-z-]+:sts::\d{12}:assumed-role\/[\w+=,.@-]{1,64}\/[\w+=,.@-]{2,64}$/.test(value)) return undefined
  if (/^arn:[a-z-]+:sts::\d{12}:federated-user\/[\w+=,.@-]{2,64}$/.test(value)) return undefined
  return 'A principal is "*", an account, or the ARN of a user, a role, a role session or a federated user.'
}
