import type { z } from 'zod'
import { stackArn, type Blueprint, type Stack, type StackTag } from '../../domain/stack.ts'
import { errors } from './errors.ts'
import type { making } from './shapes.ts'
import { bindTemplate, type Bound } from './template/bind.ts'
import { acceptParameters, shownParameters } from './template/parameters.ts'
import { parseTemplate } from './template/parse-template.ts'
import { requireCapabilities } from './template/summary.ts'
import type { Template } from './template/template.ts'
import { findType } from './types/index.ts'

/** What a request says of what a stack shall be. */
export type Making = z.infer<z.ZodObject<typeof making>> & {
  readonly Tags?: readonly StackTag[] | undefined
  readonly UsePreviousTemplate?: boolean | undefined
}

/** Whose template it is. */
export type Identity = Pick<Stack, 'account' | 'region' | 'name' | 'id'>

/** What a stack shall be, checked as far as that can be done before anything is made. */
export interface Draft {
  readonly blueprint: Blueprint
  readonly template: Template
  readonly bound: Bound
}

/**
 * Reads what a request wants a stack to be.
 *
 * @param previous what the stack is; null where it is new
 * @throws ValidationError or InsufficientCapabilitiesException, in CloudFormation's words
 */
export function draftOf(given: Making, previous: Blueprint | null, identity: Identity): Draft {
  refuseAbsentServices(given)
  const text = templateText(given, previous)
  const template = parseTemplate(text, findType)
  requireAllowedTypes(given, template)
  requireCapabilities(template, findType, given.Capabilities)
  const before = previous === null ? null : new Map(Object.entries(previous.parameters))
  const parameters = acceptParameters(template, given.Parameters.map(parameterOf), before)
  const blueprint: Blueprint = {
    template: text,
    parameters: Object.fromEntries(parameters),
    shown: shownParameters(template, parameters),
    tags: acceptTags(given.Tags ?? previous?.tags ?? []),
    capabilities: given.Capabilities,
    roleArn: given.RoleARN ?? previous?.roleArn ?? null,
  }
  return { blueprint, template, bound: bindTemplate(template, parameters, surroundingsOf(identity)) }
}

/** What a blueprint that was accepted once says. */
export function draftOfBlueprint(blueprint: Blueprint, identity: Identity): Draft {
  const template = parseTemplate(blueprint.template, findType)
  const parameters = new Map(Object.entries(blueprint.parameters))
  return { blueprint, template, bound: bindTemplate(template, parameters, surroundingsOf(identity)) }
}

/**
 * The text of the template that a request is about.
 *
 * @throws ValidationError where it gives none, or more than one
 */
export function templateText(
  given: Pick<Making, 'TemplateBody' | 'TemplateURL' | 'UsePreviousTemplate'>,
  previous: Pick<Blueprint, 'template'> | null,
): string {
  if (given.TemplateURL !== undefined) {
    throw errors.ValidationError(
      `TemplateURL is not supported, for this server has no S3. Send the template itself instead of ` +
        `${given.TemplateURL}: TemplateBody (--template-body file://...) takes up to 51,200 bytes.`,
    )
  }
  if (given.UsePreviousTemplate === true) {
    if (given.TemplateBody !== undefined) {
      throw errors.ValidationError('You cannot specify both UsePreviousTemplate and TemplateBody.')
    }
    if (previous !== null && previous.template !== '') return previous.template
    throw errors.ValidationError('UsePreviousTemplate needs a stack that has a template. Give TemplateBody.')
  }
  if (given.TemplateBody !== undefined) return given.TemplateBody
  throw errors.ValidationError('Either Template URL or Template Body must be specified.')
}

function parameterOf({ ParameterKey, ParameterValue, UsePreviousValue }: Making['Parameters'][number]) {
  if (ParameterKey === undefined) throw errors.ValidationError('Each of Parameters needs a ParameterKey.')
  return {
    ParameterKey,
    ...(ParameterValue !== undefined && { ParameterValue }),
    ...(UsePreviousValue !== undefined && { UsePreviousValue }),
  }
}

function surroundingsOf(identity: Identity) {
  const { account, region, name } = identity
  return { account, region, stackName: name, stackId: stackArn(identity), notificationArns: [] }
}

/** Refuses what only services could do that are not here. */
function refuseAbsentServices({ NotificationARNs, RollbackConfiguration }: Making): void {
  if ((NotificationARNs ?? []).length > 0) {
    throw errors.ValidationError(
      'NotificationARNs must be empty: this server has no SNS to notify. Read the events by DescribeStackEvents.',
    )
  }
  const { RollbackTriggers } = (RollbackConfiguration ?? {}) as { readonly RollbackTriggers?: unknown }
  if (Array.isArray(RollbackTriggers) && RollbackTriggers.length > 0) {
    throw errors.ValidationError('RollbackConfiguration.RollbackTriggers must be empty: this server has no CloudWatch.')
  }
}

function requireAllowedTypes({ ResourceTypes }: Making, { resources }: Template): void {
  if (ResourceTypes === undefined) return
  for (const [logicalId, { type }] of resources) {
    if (
      ResourceTypes.some(
        (allowed) => allowed === type || (allowed.endsWith('*') && type.startsWith(allowed.slice(0, -1))),
      )
    )
      continue
    throw errors.ValidationError(
      `Resource type ${type} of Resources/${logicalId} is not among the ResourceTypes that the request allows.`,
    )
  }
}

function acceptTags(tags: readonly StackTag[]): readonly StackTag[] {
  const keys = tags.map(({ Key }) => Key)
  const reserved = keys.find((key) => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined) {
    throw errors.ValidationError(`Tag keys that begin with aws: are reserved: ${reserved}`)
  }
  if (new Set(keys).size < keys.length) throw errors.ValidationError('Duplicate tag keys found. Give each key once.')
  return tags
}

/** Calls as the condition keys of CloudFormation see a request. */
export function conditionsOf(given: Partial<Making>, extra: Readonly<Record<string, string>> = {}) {
  const tags = given.Tags ?? []
  return {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(tags.length > 0 && { 'aws:TagKeys': tags.map(({ Key }) => Key) }),
    ...(given.TemplateURL !== undefined && { 'cloudformation:TemplateUrl': given.TemplateURL }),
    ...(given.RoleARN !== undefined && { 'cloudformation:RoleArn': given.RoleARN }),
    ...(given.ResourceTypes !== undefined && { 'cloudformation:ResourceTypes': given.ResourceTypes }),
    ...extra,
  }
}
