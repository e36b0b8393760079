import type { Statement } from '../parse/document.ts'
import type { Question } from '../layers.ts'

/** The parts of a statement that a change of one of them opens as well. */
type Part = 'action' | 'principal' | 'resource'

/**
 * What a statement gives besides what is asked, in words: with a value or name more, all of this is given too.
 *
 * @param principal the caller's name in it
 */
export function alsoOpens(
  { action, principal, resource }: Statement,
  { request }: Question,
  caller: string,
  parts: readonly Part[],
): readonly string[] {
  const found: string[] = []
  const actions = [...(action?.patterns ?? [])].map(({ value }) => value)
  const isWide = (each: string) => each.toLowerCase() !== request.action.toLowerCase()
  if (parts.includes('action')) {
    if (action?.negated === true) found.push(`all but ${listed(actions)}`)
    else if (actions.some(isWide)) found.push(listed(actions.filter(isWide)))
  }
  const people = (principal?.entries ?? []).map(({ value }) => value)
  if (parts.includes('principal') && people.some((each) => each !== caller)) {
    found.push(`for ${people.includes('*') ? 'everybody' : listed(people.filter((each) => each !== caller))}`)
  }
  const resources = (resource?.patterns ?? []).map(({ value }) => value)
  if (parts.includes('resource') && resources.some((each) => each !== request.resource)) {
    found.push(
      resources.includes('*')
        ? 'on every resource'
        : `on all of ${listed(resources.filter((each) => each !== request.resource))}`,
    )
  }
  return found
}

const MOST = 3

function listed(values: readonly string[]): string {
  const shown = values.slice(0, MOST).join(', ')
  return values.length > MOST ? `${shown} and ${values.length - MOST} more` : shown
}
