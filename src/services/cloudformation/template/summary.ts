import { InsufficientCapabilities } from './errors.ts'
import type { Capability, FindType } from './type-facts.ts'
import type { Template } from './template.ts'

/** What can be said of a template without using it, as GetTemplateSummary and ValidateTemplate say it. */
export interface TemplateSummary {
  readonly description: string | null
  readonly version: string | null
  /** As JSON. */
  readonly metadata: string | null
  readonly resourceTypes: readonly string[]
  readonly declaredTransforms: readonly string[]
  readonly capabilities: readonly Capability[]
  readonly capabilitiesReason: string | null
  readonly parameters: readonly ParameterSummary[]
}

interface ParameterSummary {
  readonly ParameterKey: string
  readonly ParameterType: string
  readonly NoEcho: boolean
  readonly DefaultValue?: string
  readonly Description?: string
  readonly ParameterConstraints: { readonly AllowedValues?: readonly string[] }
}

export function summarizeTemplate(template: Template, findType: FindType): TemplateSummary {
  const { capabilities, resourceTypes } = capabilitiesOf(template, findType)
  return {
    description: template.description,
    version: template.formatVersion,
    metadata: template.metadata === null ? null : JSON.stringify(template.metadata),
    resourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))],
    declaredTransforms: template.transforms,
    capabilities,
    capabilitiesReason: capabilities.length === 0 ? null : reasonOf(resourceTypes, template),
    parameters: [...template.parameters].map(([name, { type, noEcho, defaultValue, description, allowedValues }]) => ({
      ParameterKey: name,
      ParameterType: type,
      NoEcho: noEcho,
      ...(defaultValue !== null && { DefaultValue: defaultValue }),
      ...(description !== null && { Description: description }),
      ParameterConstraints: allowedValues === null ? {} : { AllowedValues: allowedValues },
    })),
  }
}

/** @throws InsufficientCapabilities where something is made that the caller has not acknowledged */
export function requireCapabilities(template: Template, findType: FindType, given: readonly string[]): void {
  const { capabilities } = capabilitiesOf(template, findType)
  const missing = capabilities.filter(
    (each) => !given.includes(each) && !(each === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM')),
  )
  if (missing.length > 0) throw InsufficientCapabilities(`Requires capabilities : [${missing.join(', ')}]`)
}

function reasonOf(resourceTypes: readonly string[], { transforms }: Template): string {
  const reasons = [
    ...(resourceTypes.length > 0
      ? [`The following resource(s) require capabilities: [${resourceTypes.join(', ')}]`]
      : []),
    ...(transforms.length > 0 ? [`The following transforms require capabilities: [${transforms.join(', ')}]`] : []),
  ]
  return reasons.join(' ')
}

function capabilitiesOf({ resources, transforms }: Template, findType: FindType) {
  const needed = new Set<Capability>()
  const resourceTypes = new Set<string>()
  for (const { type, properties } of resources.values()) {
    const capability = findType(type)?.capability(properties) ?? null
    if (capability === null) continue
    needed.add(capability)
    resourceTypes.add(type)
  }
  if (needed.has('CAPABILITY_NAMED_IAM')) needed.delete('CAPABILITY_IAM')
  if (transforms.length > 0) needed.add('CAPABILITY_AUTO_EXPAND')
  return { capabilities: [...needed], resourceTypes: [...resourceTypes] }
}
