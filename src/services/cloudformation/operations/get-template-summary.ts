import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { templateText } from '../draft.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needAnywhere, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { parseTemplate } from '../template/parse-template.ts'
import { summarizeTemplate } from '../template/summary.ts'
import { findType } from '../types/index.ts'

/** Tells what a template asks for: one that is sent, or that of a stack. */
export const GetTemplateSummary = readOperation({
  name: 'GetTemplateSummary',
  errors: [errors.ValidationError],
  input: z.object({
    ...shape.source,
    StackName: shape.stackName.optional(),
    StackSetName: z.string().optional(),
    CallAs: z.string().optional(),
    TemplateSummaryConfig: z.unknown().optional(),
  }),
  load: ({ StackName }, call, { listing }) => (StackName === undefined ? null : findStack(StackName, call, listing)),
  requires: (_given, found, call) => [
    found === null ? needAnywhere('GetTemplateSummary', call) : needOn('GetTemplateSummary', found, call),
  ],
  run(given, found) {
    if (given.StackSetName !== undefined) {
      throw errors.ValidationError('StackSetName is not supported: this server has no stack sets. Give StackName.')
    }
    const template = found === null ? templateText(given, null) : existing(found).blueprint.template
    const parsed = parseTemplate(template, findType)
    const summary = summarizeTemplate(parsed, findType)
    return {
      Parameters: summary.parameters,
      Description: summary.description ?? undefined,
      Capabilities: summary.capabilities,
      CapabilitiesReason: summary.capabilitiesReason ?? undefined,
      ResourceTypes: summary.resourceTypes,
      Version: summary.version ?? undefined,
      Metadata: summary.metadata ?? undefined,
      DeclaredTransforms: summary.declaredTransforms,
      ResourceIdentifierSummaries: [],
    }
  },
  record: (input) => recordOf(input),
})
