import type { GrantConstraints } from '../../domain/grant.ts'
import type { Need } from '../../kernel/access/need.ts'
import { aliasIn } from './keys/find-key.ts'

type Context = Need['context']

/** `kms:RequestAlias`, where the request names its key by an alias. */
export function requestAlias(keyId: string | undefined): Context {
  const alias = keyId === undefined ? null : aliasIn(keyId)
  return alias === null ? {} : { 'kms:RequestAlias': alias }
}

/** What an encryption context and an algorithm tell a policy. */
export function encryption(algorithm: string, context: Readonly<Record<string, string>> | undefined): Context {
  return { 'kms:EncryptionAlgorithm': algorithm, ...encryptionContext(context ?? {}) }
}

/** What the constraints of a grant tell a policy. */
export function grantConstraints(constraints: GrantConstraints | null): Context {
  if (constraints === null) return {}
  return { 'kms:GrantConstraintType': constraints.type, ...encryptionContext(constraints.pairs) }
}

/** No AWS service ever asks on behalf of somebody here. */
export const NOT_FOR_AWS_RESOURCE: Context = { 'kms:GrantIsForAWSResource': 'false' }

function encryptionContext(context: Readonly<Record<string, string>>): Context {
  const keys = Object.entries(context)
  if (keys.length === 0) return {}
  return {
    'kms:EncryptionContextKeys': keys.map(([key]) => key),
    ...Object.fromEntries(keys.map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
  }
}

/** What tags that are given tell a policy. */
export function requestTags(tags: readonly { readonly TagKey: string; readonly TagValue: string }[]): Context {
  if (tags.length === 0) return {}
  return {
    'aws:TagKeys': tags.map((tag) => tag.TagKey),
    ...Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.TagKey}`, tag.TagValue])),
  }
}
