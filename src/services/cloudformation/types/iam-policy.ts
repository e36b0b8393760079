import { common } from '../../../kernel/errors.ts'
import { isEqual } from '../template/equal.ts'
import type { Members } from '../template/value.ts'
import {
  arnsSchema,
  dropPolicy,
  GONE,
  iamCapability,
  NAME_PATTERN,
  policyInput,
  putPolicy,
  type Kind,
} from './iam-parts.ts'
import { generatedId } from './names.ts'
import type { Answer, ResourceType } from './resource-type.ts'
import { answered, documentOf, textIn, textsIn, unless } from './values.ts'

interface Target {
  readonly kind: Kind
  readonly name: string
}

/** One inline policy on any number of roles, users and groups. */
export const iamPolicy: ResourceType = {
  name: 'AWS::IAM::Policy',
  schema: {
    type: 'object',
    required: ['PolicyDocument', 'PolicyName'],
    properties: {
      Groups: arnsSchema,
      PolicyDocument: { type: 'document' },
      PolicyName: { type: 'string', min: 1, max: 128, pattern: NAME_PATTERN },
      Roles: arnsSchema,
      Users: arnsSchema,
    },
  },
  attributes: ['Id'],
  secrets: [],
  createOnly: [],
  writeOnly: [],
  nameProperty: null,
  tagsProperty: null,
  capability: iamCapability(null),
  nameFor: (request, random) => generatedId(request, random),

  async create(hands, { properties, name }) {
    const physicalId = name ?? ''
    const [first, ...others] = targetsOf(properties)
    if (first === undefined) throw noTarget()
    await hands.make('iam', `Put${first.kind}Policy`, policyInput(first.kind, first.name, properties), () => physicalId)
    for (const { kind, name } of others) await putPolicy(hands, kind, name, properties)
    return { physicalId, attributes: { Id: physicalId } }
  },

  async update(hands, { properties }, physicalId, { properties: was }) {
    const [had, has] = [targetsOf(was), targetsOf(properties)]
    if (has.length === 0) throw noTarget()
    const isSame = isEqual(was.PolicyDocument, properties.PolicyDocument) && was.PolicyName === properties.PolicyName
    for (const target of has) {
      if (!isSame || !isAmong(had, target)) await putPolicy(hands, target.kind, target.name, properties)
    }
    for (const target of had) {
      const isKept = isAmong(has, target) && was.PolicyName === properties.PolicyName
      if (!isKept) await dropPolicy(hands, target.kind, target.name, was.PolicyName)
    }
    return { physicalId, attributes: { Id: physicalId } }
  },

  async delete(hands, { properties }) {
    for (const { kind, name } of targetsOf(properties)) await dropPolicy(hands, kind, name, properties.PolicyName)
  },

  async read(hands, { properties }) {
    const found: Answer[] = []
    const where: Target[] = []
    for (const target of targetsOf(properties)) {
      const input = { [`${target.kind}Name`]: target.name, PolicyName: textIn(properties, 'PolicyName') }
      const answer = await unless(GONE, hands.call('iam', `Get${target.kind}Policy`, input))
      if (answer === null) continue
      found.push(answer)
      where.push(target)
    }
    const documents = found.map((answer) => documentOf(answered(answer, 'PolicyDocument')))
    const [first] = documents
    if (first === undefined) return null
    const namesOf = (kind: Kind) => where.filter((each) => each.kind === kind).map(({ name }) => name)
    // Of several that should be alike, the one that is not is what has drifted.
    const other = documents.find((each) => !isEqual(each, properties.PolicyDocument))
    return {
      PolicyName: textIn(properties, 'PolicyName') ?? '',
      PolicyDocument: other ?? first,
      Roles: namesOf('Role'),
      Users: namesOf('User'),
      Groups: namesOf('Group'),
    }
  },
}

function targetsOf(properties: Members): readonly Target[] {
  const of = (property: string, kind: Kind) =>
    [...new Set(textsIn(properties, property))].map((name): Target => ({ kind, name }))
  return [...of('Groups', 'Group'), ...of('Roles', 'Role'), ...of('Users', 'User')]
}

function isAmong(targets: readonly Target[], target: Target): boolean {
  return targets.some(({ kind, name }) => kind === target.kind && name === target.name)
}

function noTarget() {
  return common.ValidationException('At least one of [Groups,Roles,Users] must be non-empty.')
}
