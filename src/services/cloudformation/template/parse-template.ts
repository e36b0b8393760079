import { checkReferences } from './check-references.ts'
import { ValidationError } from './errors.ts'
import { isCondition } from './functions.ts'
import { ATTRIBUTES_PER_MAPPING, DESCRIPTION_BYTES, MAPPINGS, OUTPUTS, PARAMETERS, RESOURCES } from './limits.ts'
import { parseParameter } from './parse-parameter.ts'
import { parseResource } from './parse-resource.ts'
import { parseText } from './parse-text.ts'
import { written, type Path } from './paths.ts'
import { optionalText, readSection, refuseOthers, requireMembers, requireText } from './sections.ts'
import type { OutputDeclaration, Rule, Template } from './template.ts'
import type { FindType } from './type-facts.ts'
import { isMembers, type Members, type Value } from './value.ts'

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Transform',
  'Parameters',
  'Rules',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
]

/** The transform that adds functions to the language. It is part of it here. */
export const EXTENSIONS = 'AWS::LanguageExtensions'

/**
 * Reads a template and checks all of it that does not depend on parameters.
 *
 * @throws ValidationError in CloudFormation's words, with the place
 */
export function parseTemplate(text: string, findType: FindType): Template {
  const body = parseText(text)
  refuseOthers(
    body,
    SECTIONS,
    (names) => `Template validation error: Invalid template property or properties [${names}]`,
  )
  refuseNull(body, [])
  const template: Template = {
    formatVersion: acceptFormatVersion(body.AWSTemplateFormatVersion),
    description: acceptDescription(body.Description),
    metadata: body.Metadata ?? null,
    transforms: acceptTransforms(body.Transform),
    parameters: readSection(
      body.Parameters,
      { name: 'Parameters', one: 'Parameter', limit: PARAMETERS },
      parseParameter,
    ),
    rules: readSection(body.Rules, { name: 'Rules', one: 'Rule', limit: RESOURCES }, parseRule),
    mappings: readSection(body.Mappings, { name: 'Mappings', one: 'Mapping', limit: MAPPINGS }, parseMapping),
    conditions: readSection(
      body.Conditions,
      { name: 'Conditions', one: 'Condition', limit: RESOURCES },
      parseCondition,
    ),
    resources: readSection(body.Resources, { name: 'Resources', one: 'Resource', limit: RESOURCES }, parseResource),
    outputs: readSection(body.Outputs, { name: 'Outputs', one: 'Output', limit: OUTPUTS }, parseOutput),
  }
  if (template.resources.size === 0) {
    throw ValidationError('Template format error: At least one Resources member must be defined.')
  }
  checkReferences(template, findType)
  return template
}

/** Nulls are allowed nowhere but in metadata, and dynamic references need services that are not here. */
function refuseNull(value: Value, path: Path): void {
  if (path.at(0) === 'Metadata' || (path.at(0) === 'Resources' && path.at(2) === 'Metadata')) return
  if (value === null) {
    throw ValidationError(`Template format error: [/${written(path)}] 'null' values are not allowed in templates`)
  }
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw ValidationError(
      `Template error: the dynamic reference at ${written(path)} cannot be resolved: this server has neither Systems ` +
        'Manager nor Secrets Manager. Give the value as a parameter (NoEcho hides it).',
    )
  }
  if (Array.isArray(value)) for (const [index, item] of value.entries()) refuseNull(item, [...path, String(index)])
  else if (isMembers(value)) for (const [name, each] of Object.entries(value)) refuseNull(each, [...path, name])
}

function acceptFormatVersion(value: Value | undefined): string | null {
  const version = optionalText(value, ['AWSTemplateFormatVersion'])
  if (version === null || version === '2010-09-09') return version
  throw ValidationError('Template format error: unsupported value for AWSTemplateFormatVersion. Use 2010-09-09.')
}

function acceptDescription(value: Value | undefined): string | null {
  if (value !== undefined && typeof value !== 'string') {
    throw ValidationError('Template format error: Description must be a String.')
  }
  if (value !== undefined && Buffer.byteLength(value) > DESCRIPTION_BYTES) {
    throw ValidationError(`Template format error: 'Description' length is greater than ${DESCRIPTION_BYTES}.`)
  }
  return value ?? null
}

function acceptTransforms(value: Value | undefined): readonly string[] {
  if (value === undefined) return []
  const names = (Array.isArray(value) ? value : [value]).map((each: Value) => requireText(each, ['Transform']))
  const unknown = names.filter((name) => name !== EXTENSIONS)
  if (unknown.length === 0) return names
  throw ValidationError(
    `Template error: Transform [${unknown.join(', ')}]: this server has no macros but ${EXTENSIONS}. Process the ` +
      'template first, and send what comes out.',
  )
}

function parseCondition(value: Value, path: Path): Value {
  if (isCondition(value)) return value
  throw ValidationError(
    'Template format error: Conditions can only be boolean operations on parameters and other conditions ' +
      `(at ${written(path)})`,
  )
}

function parseRule(value: Value, path: Path): Rule {
  const members = requireMembers(value, path)
  refuseOthers(
    members,
    ['RuleCondition', 'Assertions'],
    (names) => `Template format error: Invalid rule property '${names}' (at ${written(path)})`,
  )
  const { Assertions } = members
  if (!Array.isArray(Assertions) || Assertions.length === 0) {
    throw ValidationError(
      `Template format error: Every Rules member must contain a list of Assertions. (at ${written(path)})`,
    )
  }
  return {
    condition: members.RuleCondition ?? null,
    assertions: Assertions.map((each: Value, index) => {
      const assertion = requireMembers(each, [...path, 'Assertions', String(index)])
      if (assertion.Assert !== undefined) {
        return { assert: assertion.Assert, description: optionalText(assertion.AssertDescription, path) }
      }
      throw ValidationError(
        `Template format error: Every Assertions member must contain an Assert. (at ${written(path)})`,
      )
    }),
  }
}

function parseMapping(value: Value, path: Path): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const keys = Object.entries(requireMembers(value, path)).map(([key, each]) => {
    const attributes = Object.entries(requireMembers(each, [...path, key]))
    for (const [name, found] of attributes) refuseObject(found, [...path, key, name])
    return [key, new Map(attributes)] as const
  })
  if (keys.length > ATTRIBUTES_PER_MAPPING || keys.some(([, { size }]) => size > ATTRIBUTES_PER_MAPPING)) {
    throw ValidationError(
      `Template format error: Mapping ${path.at(-1)} has more than ${ATTRIBUTES_PER_MAPPING} attributes.`,
    )
  }
  return new Map(keys)
}

function refuseObject(value: Value, path: Path): void {
  const items: readonly Value[] = Array.isArray(value) ? value : [value]
  if (!items.some((each) => isMembers(each) || Array.isArray(each))) return
  throw ValidationError(
    `Template format error: Every Mappings attribute must be a String or a List. (at ${written(path)})`,
  )
}

function parseOutput(value: Value, path: Path): OutputDeclaration {
  const members = requireMembers(value, path)
  if (members.Value === undefined) {
    throw ValidationError(
      `Template format error: Every Outputs member must contain a Value object (at ${written(path)})`,
    )
  }
  refuseOthers(
    members,
    ['Value', 'Description', 'Export', 'Condition'],
    (names) => `Template format error: Invalid output property '${names}' (at ${written(path)})`,
  )
  return {
    value: members.Value,
    description: optionalText(members.Description, [...path, 'Description']),
    exportName: members.Export === undefined ? null : nameOfExport(members.Export, [...path, 'Export']),
    condition: optionalText(members.Condition, [...path, 'Condition']),
  }
}

function nameOfExport(value: Value, path: Path): Value {
  const members: Members = requireMembers(value, path)
  if (members.Name !== undefined && Object.keys(members).length === 1) return members.Name
  throw ValidationError(
    `Template format error: Every Export must contain a Name, and nothing else. (at ${written(path)})`,
  )
}
