/** What says nothing: a seed leaves it out. */
type Nothing = undefined

/** The members that say something: nothing that is missing, no empty text, list or map. */
export function present<Members extends Readonly<Record<string, unknown>>>(members: Members) {
  const said = Object.entries(members).filter(([, value]) => !isNothing(value))
  return Object.fromEntries(said) as { [Name in keyof Members]?: Exclude<Members[Name], Nothing> }
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
