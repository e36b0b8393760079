/** An input as the query protocol would have decoded it: numbers and booleans are text. */
export function queryInput(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, textOf(value)]))
}

function textOf(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map(textOf)
  return value !== null && typeof value === 'object' ? queryInput(value as Record<string, unknown>) : value
}
