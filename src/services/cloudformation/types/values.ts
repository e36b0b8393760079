import { WireError } from '../../../kernel/errors.ts'
import { isMembers, member, type Members, type Value } from '../template/value.ts'
import type { Answer, Hands } from './resource-type.ts'

/** A property that is text, as accepted properties have it; undefined where it is not there. */
export function textIn(properties: Members, name: string): string | undefined {
  const value = member(properties, name)
  return typeof value === 'string' ? value : undefined
}

/** The texts of a property that is a list of them. */
export function textsIn(properties: Members, name: string): readonly string[] {
  return listIn(properties, name).filter((each) => typeof each === 'string')
}

/** The objects of a property that is a list of them. */
export function objectsIn(properties: Members, name: string): readonly Members[] {
  return listIn(properties, name).filter((each) => isMembers(each))
}

function listIn(properties: Members, name: string): readonly Value[] {
  const value = member(properties, name)
  return Array.isArray(value) ? value : []
}

/** A policy as operations take it; undefined where there is none. */
export function documentIn(properties: Members, name: string): string | undefined {
  const value = member(properties, name)
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}

/** The members of an input that are there. */
export function given(input: Answer): Answer {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}

/** A text in an answer, by its path. */
export function answered(answer: Answer, ...path: readonly string[]): string {
  let value: unknown = answer
  for (const name of path) value = (value as Answer | undefined)?.[name]
  if (typeof value !== 'string') throw new Error(`INVARIANT: the answer has ${path.join('.')}`)
  return value
}

/** A structure in an answer. */
export function answeredMembers(answer: Answer, name: string): Answer {
  return answer[name] as Answer
}

/** A policy in an answer: its JSON, which IAM writes as in an address. */
export function documentOf(text: string): Value {
  try {
    return JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text) as Value
  } catch {
    return text
  }
}

/** What was answered; null where the refusal is one of those that mean that something is gone. */
export async function unless(codes: readonly string[], asking: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof WireError && codes.includes(error.code)) return null
    throw error
  }
}

/** All items of a listing, page by page. */
export async function listed(
  hands: Hands,
  service: 'kms' | 'iam',
  operation: string,
  input: Answer,
  items: string,
): Promise<readonly Answer[]> {
  const all: Answer[] = []
  let marker: Answer = {}
  for (;;) {
    const page = await hands.call(service, operation, { ...input, ...marker })
    all.push(...((page[items] as readonly Answer[] | undefined) ?? []))
    const next = page.NextMarker ?? page.Marker
    if (typeof next !== 'string') return all
    marker = { Marker: next }
  }
}
