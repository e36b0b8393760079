import { isEqual } from '../template/equal.ts'
import {
  arnsSchema,
  attach,
  compareTexts,
  detach,
  GONE,
  iamCapability,
  NAME_PATTERN,
  pathSchema,
  propertiesFor,
  type Kind,
} from './iam-parts.ts'
import { generatedName } from './names.ts'
import type { Answer, Hands, Made, ResourceType } from './resource-type.ts'
import { answered, answeredMembers, documentIn, documentOf, listed, textIn, textsIn, unless } from './values.ts'

/** To what a managed policy can be attached, by the property that lists it. */
const TARGETS: readonly (readonly [string, Kind])[] = [
  ['Roles', 'Role'],
  ['Users', 'User'],
  ['Groups', 'Group'],
]
/** How many versions are left behind the newest: so many that there is room for another, and for putting it back. */
const OLD_VERSIONS = 2
const MAX_NAME = 128

export const iamManagedPolicy: ResourceType = {
  name: 'AWS::IAM::ManagedPolicy',
  schema: {
    type: 'object',
    required: ['PolicyDocument'],
    properties: {
      Description: { type: 'string', max: 1000 },
      Groups: arnsSchema,
      ManagedPolicyName: { type: 'string', min: 1, max: MAX_NAME, pattern: NAME_PATTERN },
      Path: pathSchema,
      PolicyDocument: { type: 'document' },
      Roles: arnsSchema,
      Users: arnsSchema,
    },
  },
  attributes: ['PolicyArn', 'PolicyId'],
  secrets: [],
  createOnly: ['Description', 'ManagedPolicyName', 'Path'],
  writeOnly: [],
  nameProperty: 'ManagedPolicyName',
  tagsProperty: null,
  capability: iamCapability('ManagedPolicyName'),
  nameFor: (request, random) =>
    textIn(request.properties, 'ManagedPolicyName') ?? generatedName(request, random, MAX_NAME),

  async create(hands, { properties, name }) {
    const answer = await hands.make(
      'iam',
      'CreatePolicy',
      {
        PolicyName: name,
        PolicyDocument: documentIn(properties, 'PolicyDocument'),
        ...propertiesFor(properties, ['Description', 'Path']),
      },
      (made) => answered(made, 'Policy', 'Arn'),
    )
    const policy = policyMade(answer)
    for (const [property, kind] of TARGETS) {
      for (const name of new Set(textsIn(properties, property))) await attach(hands, kind, name, policy.physicalId)
    }
    return policy
  },

  async update(hands, { properties }, PolicyArn, before) {
    if (!isEqual(properties.PolicyDocument, before.properties.PolicyDocument)) {
      const PolicyDocument = documentIn(properties, 'PolicyDocument')
      await hands.call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true })
      await dropVersions(hands, PolicyArn, OLD_VERSIONS)
    }
    for (const [property, kind] of TARGETS) {
      const { added, removed } = compareTexts(before.properties, properties, property)
      for (const name of added) await attach(hands, kind, name, PolicyArn)
      for (const name of removed) await detach(hands, kind, name, PolicyArn)
    }
    return policyMade(await hands.call('iam', 'GetPolicy', { PolicyArn }))
  },

  async delete(hands, { properties }, PolicyArn) {
    for (const [property, kind] of TARGETS) {
      for (const name of new Set(textsIn(properties, property))) await detach(hands, kind, name, PolicyArn)
    }
    await dropVersions(hands, PolicyArn, 0)
    await unless(GONE, hands.call('iam', 'DeletePolicy', { PolicyArn }))
  },

  async read(hands, { properties }, PolicyArn) {
    const answer = await unless(GONE, hands.call('iam', 'GetPolicy', { PolicyArn }))
    if (answer === null) return null
    const policy = answeredMembers(answer, 'Policy')
    const { Description = '', DefaultVersionId: VersionId } = policy
    const version = await hands.call('iam', 'GetPolicyVersion', { PolicyArn, VersionId })
    return {
      ...(await readTargets(hands, PolicyArn)),
      ...(properties.Description !== undefined && { Description: answered({ Description }, 'Description') }),
      ManagedPolicyName: answered(policy, 'PolicyName'),
      Path: answered(policy, 'Path'),
      PolicyDocument: documentOf(answered(version, 'PolicyVersion', 'Document')),
    }
  },
}

async function readTargets(hands: Hands, PolicyArn: string) {
  const lists: (readonly [string, readonly string[]])[] = []
  for (const [property, kind] of TARGETS) {
    const input = { PolicyArn, EntityFilter: kind }
    const items = await listed(hands, 'iam', 'ListEntitiesForPolicy', input, `Policy${property}`)
    lists.push([property, items.map((each) => answered(each, `${kind}Name`))])
  }
  return Object.fromEntries(lists)
}

/** Deletes the oldest versions until no more than so many are left behind the default one. */
async function dropVersions(hands: Hands, PolicyArn: string, left: number): Promise<void> {
  for (;;) {
    // Seen anew each time: a repetition asks for what its first run has left.
    const answer = await unless(GONE, hands.call('iam', 'ListPolicyVersions', { PolicyArn }))
    const versions = (answer?.Versions as readonly Answer[] | undefined) ?? []
    const old = versions.filter(({ IsDefaultVersion }) => IsDefaultVersion !== true)
    if (old.length <= left) return
    const numbers = old.map((each) => Number(answered(each, 'VersionId').slice(1)))
    const VersionId = `v${Math.min(...numbers)}`
    await unless(GONE, hands.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId }))
  }
}

function policyMade(answer: Answer): Made {
  const PolicyArn = answered(answer, 'Policy', 'Arn')
  return { physicalId: PolicyArn, attributes: { PolicyArn, PolicyId: answered(answer, 'Policy', 'PolicyId') } }
}
