import type { Bound } from './bind.ts'
import { ValidationError } from './errors.ts'
import { written } from './paths.ts'
import { resolveValue, type World } from './resolve-value.ts'
import { isMembers, UNKNOWN, type Members, type Value } from './value.ts'

/** An output of a stack. */
export interface Output {
  readonly key: string
  readonly value: string
  readonly description: string | null
  readonly exportName: string | null
}

/** The properties of a resource, against what is made. UNKNOWN is in them where something is not yet. */
export function resolveProperties(bound: Bound, logicalId: string, world: World): Members {
  const declared = bound.resources.get(logicalId)
  if (declared === undefined) throw new Error(`INVARIANT: ${logicalId} is a resource of the stack`)
  const properties = resolveValue(declared.properties, ['Resources', logicalId, 'Properties'], { ...bound, world })
  if (properties === undefined) return {}
  if (isMembers(properties)) return properties
  throw ValidationError(`Template error: the properties of ${logicalId} must be an object.`)
}

/**
 * The outputs of a stack of which everything is made, in the template's order.
 *
 * @throws ValidationError where one is not text, or two have one export name
 */
export function resolveOutputs(bound: Bound, world: World): readonly Output[] {
  const outputs = [...bound.outputs].map(([key, { value, description, exportName }]): Output => {
    const text = (value: Value, part: string) =>
      textOf(resolveValue(value, ['Outputs', key, part], { ...bound, world }), ['Outputs', key, part])
    return {
      key,
      value: text(value, 'Value'),
      description,
      exportName: exportName === null ? null : text(exportName, 'Export'),
    }
  })
  const names = outputs.flatMap(({ exportName }) => exportName ?? [])
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice === undefined) return outputs
  throw ValidationError(`Template error: Duplicate Export names: ${twice} is the name of two outputs.`)
}

function textOf(value: Value | undefined, path: readonly string[]): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const reason = value === UNKNOWN ? 'depends on something that is not made' : 'is not a String'
  throw ValidationError(
    `Template format error: The Value field of every Outputs member must evaluate to a String. (${written(path)} ${reason})`,
  )
}
