/** A request of the query protocol. */
export interface QueryRequest {
  readonly action: string
  /** Members by name; lists and maps are not taken apart here. */
  readonly members: Readonly<Record<string, string>>
}

/** Reads the form in a body; null where it names no action. */
export function decodeForm(body: Buffer): QueryRequest | null {
  const form = new URLSearchParams(body.toString())
  const action = form.get('Action')
  if (action === null || action === '') return null
  const members = [...form].filter(([name]) => name !== 'Action' && name !== 'Version')
  return { action, members: Object.fromEntries(members) }
}
