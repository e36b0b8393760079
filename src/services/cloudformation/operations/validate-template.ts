import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { templateText } from '../draft.ts'
import { errors } from '../errors.ts'
import { needAnywhere } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { parseTemplate } from '../template/parse-template.ts'
import { summarizeTemplate } from '../template/summary.ts'
import { findType } from '../types/index.ts'

/** Says whether a template can be read, and what it asks for. */
export const ValidateTemplate = readOperation({
  name: 'ValidateTemplate',
  errors: [errors.ValidationError],
  input: z.object(shape.source),
  load: () => null,
  requires: (_given, _found, call) => [needAnywhere('ValidateTemplate', call)],
  run(given) {
    const summary = summarizeTemplate(parseTemplate(templateText(given, null), findType), findType)
    return {
      Parameters: summary.parameters.map(({ ParameterKey, DefaultValue, NoEcho, Description }) => ({
        ParameterKey,
        DefaultValue,
        NoEcho,
        Description,
      })),
      Description: summary.description ?? undefined,
      Capabilities: summary.capabilities,
      CapabilitiesReason: summary.capabilitiesReason ?? undefined,
      DeclaredTransforms: summary.declaredTransforms,
    }
  },
  record: (input) => recordOf(input),
})
