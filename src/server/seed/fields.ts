import { z } from 'zod'

/** The names of the fields that there can be at a place in what a schema describes. */
export function fieldsAt(schema: z.core.$ZodType, path: readonly (string | number)[]): readonly string[] {
  const found = path.reduce<z.core.$ZodType | null>(
    (each, part) => (each === null ? null : memberOf(each, part)),
    schema,
  )
  const bare = found === null ? null : unwrap(found)
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : []
}

function memberOf(schema: z.core.$ZodType, part: string | number): z.core.$ZodType | null {
  const bare = unwrap(schema)
  if (bare instanceof z.ZodObject) return (bare.shape as Record<string, z.core.$ZodType>)[part] ?? null
  if (bare instanceof z.ZodArray) return bare.element
  return null
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap())
  if (schema instanceof z.ZodLazy) return unwrap(schema.unwrap())
  return schema
}
