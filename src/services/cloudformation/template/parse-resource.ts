import { ValidationError } from './errors.ts'
import { written, type Path } from './paths.ts'
import { optionalText, refuseOthers, requireMembers, requireText } from './sections.ts'
import type { DeletionPolicy, ResourceDeclaration } from './template.ts'
import { scalarText, type Value } from './value.ts'

const MEMBERS = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
  // What no type of this server heeds, as none of CloudFormation's own types of KMS and IAM does.
  'CreationPolicy',
  'UpdatePolicy',
]

/** Reads what a template says of one of its resources. */
export function parseResource(value: Value, path: Path, name: string): ResourceDeclaration {
  const members = requireMembers(value, path)
  if (members.Type === undefined) {
    throw ValidationError(
      `Template format error: [/${written(path)}] Every Resources object must contain a Type member.`,
    )
  }
  refuseOthers(
    members,
    MEMBERS,
    (names) => `Template format error: Invalid template resource property '${names}' (at ${written(path)})`,
  )
  return {
    type: requireText(members.Type, [...path, 'Type']),
    properties: members.Properties === undefined ? {} : requireMembers(members.Properties, [...path, 'Properties']),
    dependsOn: namesIn(members.DependsOn, [...path, 'DependsOn']),
    condition: optionalText(members.Condition, [...path, 'Condition']),
    deletionPolicy: acceptPolicy(members.DeletionPolicy, name, 'DeletionPolicy', [
      'Delete',
      'Retain',
      'RetainExceptOnCreate',
    ]),
    updateReplacePolicy: acceptPolicy(members.UpdateReplacePolicy, name, 'UpdateReplacePolicy', ['Delete', 'Retain']),
    metadata: members.Metadata ?? null,
  }
}

function namesIn(value: Value | undefined, path: Path): readonly string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map((each: Value) => {
    if (typeof each === 'string') return each
    throw ValidationError(`Template format error: DependsOn must be a string or list of strings. (at ${written(path)})`)
  })
}

function acceptPolicy<Policy extends DeletionPolicy>(
  value: Value | undefined,
  name: string,
  attribute: string,
  known: readonly Policy[],
): Policy | 'Delete' {
  if (value === undefined) return 'Delete'
  const policy = known.find((each) => each === value)
  if (policy !== undefined) return policy
  if (value === 'Snapshot') {
    throw ValidationError(
      `Template error: resource ${name} cannot be kept as a snapshot: ${attribute} can be ${known.join(', ')}.`,
    )
  }
  throw ValidationError(
    `Template format error: Unrecognized ${attribute} ${scalarText(value)} for resource ${name}. It can be ${known.join(', ')}.`,
  )
}
