import { isEqual } from '../template/equal.ts'
import type { Capability, PropertySchema } from '../template/type-facts.ts'
import { member, type Members, type Value } from '../template/value.ts'
import type { Answer, Hands, ResourceRequest } from './resource-type.ts'
import { readTags, tagChanges } from './tags.ts'
import { answered, documentIn, documentOf, given, listed, objectsIn, textIn, textsIn, unless } from './values.ts'

/** What users, roles and groups have in common, in IAM's operations and in the properties of their types. */

export type Kind = 'Role' | 'User' | 'Group'

export const GONE = ['NoSuchEntity']
export const NAME_PATTERN = '^[\\w+=,.@-]+$'
export const MAX_NAME: Readonly<Record<Kind, number>> = { Role: 64, User: 64, Group: 128 }

export const pathSchema: PropertySchema = { type: 'string', min: 1, max: 512 }
export const arnsSchema: PropertySchema = {
  type: 'list',
  unordered: true,
  items: { type: 'string', min: 1, max: 2048 },
}
export const policiesSchema: PropertySchema = {
  type: 'list',
  unordered: true,
  items: {
    type: 'object',
    properties: { PolicyName: { type: 'string', min: 1, max: 128 }, PolicyDocument: { type: 'document' } },
    required: ['PolicyName', 'PolicyDocument'],
  },
}

/** What has to be acknowledged of something in IAM that can be named by `nameProperty`. */
export function iamCapability(nameProperty: string | null): (properties: Members) => Capability {
  return (properties) =>
    nameProperty !== null && member(properties, nameProperty) !== undefined ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'
}

/** Puts an inline policy on a user, role or group. */
export async function putPolicy(hands: Hands, kind: Kind, name: string, policy: Members): Promise<void> {
  await hands.call('iam', `Put${kind}Policy`, policyInput(kind, name, policy))
}

export function policyInput(kind: Kind, name: string, policy: Members): Answer {
  return {
    [`${kind}Name`]: name,
    PolicyName: policy.PolicyName,
    PolicyDocument: documentIn(policy, 'PolicyDocument'),
  }
}

export async function dropPolicy(hands: Hands, kind: Kind, name: string, PolicyName: Value | undefined): Promise<void> {
  await unless(GONE, hands.call('iam', `Delete${kind}Policy`, { [`${kind}Name`]: name, PolicyName }))
}

export async function attach(hands: Hands, kind: Kind, name: string, PolicyArn: string): Promise<void> {
  await hands.call('iam', `Attach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn })
}

export async function detach(hands: Hands, kind: Kind, name: string, PolicyArn: string): Promise<void> {
  await unless(GONE, hands.call('iam', `Detach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn }))
}

/** The inline and managed policies of what was made. */
export async function giveParts(hands: Hands, kind: Kind, name: string, properties: Members): Promise<void> {
  for (const policy of objectsIn(properties, 'Policies')) await putPolicy(hands, kind, name, policy)
  for (const arn of new Set(textsIn(properties, 'ManagedPolicyArns'))) await attach(hands, kind, name, arn)
}

/** Inline and managed policies, boundary and tags: from those of `before` to those of the request. */
export async function updateParts(
  hands: Hands,
  kind: Kind,
  name: string,
  request: ResourceRequest,
  before: ResourceRequest,
): Promise<void> {
  const [was, is] = [before.properties, request.properties]
  const [hadPolicies, policies] = [objectsIn(was, 'Policies'), objectsIn(is, 'Policies')]
  for (const policy of policies) {
    if (!hadPolicies.some((each) => isEqual(each, policy))) await putPolicy(hands, kind, name, policy)
  }
  for (const { PolicyName } of hadPolicies) {
    if (!policies.some((each) => each.PolicyName === PolicyName)) await dropPolicy(hands, kind, name, PolicyName)
  }
  const { added, removed } = compareTexts(was, is, 'ManagedPolicyArns')
  for (const arn of added) await attach(hands, kind, name, arn)
  for (const arn of removed) await detach(hands, kind, name, arn)
  const boundary = textIn(is, 'PermissionsBoundary')
  if (boundary !== textIn(was, 'PermissionsBoundary')) {
    const named = { [`${kind}Name`]: name }
    if (boundary === undefined) await unless(GONE, hands.call('iam', `Delete${kind}PermissionsBoundary`, named))
    else await hands.call('iam', `Put${kind}PermissionsBoundary`, { ...named, PermissionsBoundary: boundary })
  }
  if (kind !== 'Group') await updateTags(hands, kind, name, request, before)
}

async function updateTags(hands: Hands, kind: Kind, name: string, request: ResourceRequest, before: ResourceRequest) {
  const { removed, put } = tagChanges(before, request)
  const named = { [`${kind}Name`]: name }
  if (removed.length > 0) await hands.call('iam', `Untag${kind}`, { ...named, TagKeys: removed })
  if (put.length > 0) {
    await hands.call('iam', `Tag${kind}`, { ...named, Tags: put.map(([Key, Value]) => ({ Key, Value })) })
  }
}

/** What has come to a list of texts, and what has gone from it. */
export function compareTexts(was: Members, is: Members, name: string) {
  const [had, has] = [textsIn(was, name), textsIn(is, name)]
  return {
    added: [...new Set(has)].filter((each) => !had.includes(each)),
    removed: [...new Set(had)].filter((each) => !has.includes(each)),
  }
}

/** Takes away what the resource has put on it: what others have put there stays, and keeps it from being deleted. */
export async function dropParts(hands: Hands, kind: Kind, name: string, { properties }: ResourceRequest) {
  for (const arn of new Set(textsIn(properties, 'ManagedPolicyArns'))) await detach(hands, kind, name, arn)
  for (const { PolicyName } of objectsIn(properties, 'Policies')) await dropPolicy(hands, kind, name, PolicyName)
}

/** The policies of a user, role or group as they are now. */
export async function readPolicies(hands: Hands, kind: Kind, name: string): Promise<Members> {
  const named = { [`${kind}Name`]: name }
  const attached = await listed(hands, 'iam', `ListAttached${kind}Policies`, named, 'AttachedPolicies')
  const policies: Members[] = []
  for (const PolicyName of await names(hands, kind, named)) {
    const policy = await hands.call('iam', `Get${kind}Policy`, { ...named, PolicyName })
    policies.push({ PolicyName, PolicyDocument: documentOf(answered(policy, 'PolicyDocument')) })
  }
  return { ManagedPolicyArns: attached.map((each) => answered(each, 'PolicyArn')), Policies: policies }
}

async function names(hands: Hands, kind: Kind, named: Answer): Promise<readonly string[]> {
  return (await listed(hands, 'iam', `List${kind}Policies`, named, 'PolicyNames')) as readonly unknown[] as string[]
}

/** What Get operations tell of a user, role or group besides policies. */
export function readEntity(entity: Answer, kind: Kind, request: ResourceRequest): Members {
  const boundary = entity.PermissionsBoundary as Answer | undefined
  const tags = (entity.Tags as readonly Answer[] | undefined) ?? []
  return {
    [`${kind}Name`]: answered(entity, `${kind}Name`),
    Path: answered(entity, 'Path'),
    ...(boundary !== undefined && { PermissionsBoundary: answered(boundary, 'PermissionsBoundaryArn') }),
    ...readTags(
      tags.map((tag) => [answered(tag, 'Key'), answered(tag, 'Value')] as const),
      request,
    ),
  }
}

/** The members of a creation that are properties of the same name. */
export function propertiesFor(properties: Members, names: readonly string[]): Answer {
  return given(Object.fromEntries(names.map((name) => [name, member(properties, name)])))
}
