import { WireError } from '../../kernel/errors.ts'

/** A member of a form: text, a list, or a structure or map of members. */
export type FormValue = string | readonly FormValue[] | { readonly [name: string]: FormValue }

/** A request of the query protocol. */
export interface QueryRequest {
  readonly action: string
  /** Members by name; every value that is no list and no structure is still text. */
  readonly members: Readonly<Record<string, FormValue>>
}

/** No operation takes more. */
const MAX_FIELDS = 4096
/** `Tags.member.1.Key` is four deep. */
const MAX_DEPTH = 12
const INDEX = /^[1-9]\d{0,4}$/

interface Branch extends Map<string, Branch | string> {}

/**
 * Reads the form in a body; null where it names no action.
 *
 * `Tags.member.1.Key` is a member of the first item of the list `Tags`, and `Map.entry.1.key` a key of a map; items
 * stand in the order of their numbers, whatever gaps there are (AWS query protocol, Smithy 2.0).
 *
 * @throws MalformedQueryString where a name is given twice, is text and a structure at once, or lies too deep
 */
export function decodeForm(body: Buffer): QueryRequest | null {
  const text = body.toString()
  if (text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) throw malformed(`It has more than ${MAX_FIELDS} members.`)
  const root: Branch = new Map()
  for (const [name, value] of new URLSearchParams(text)) plant(root, name, value)
  const action = root.get('Action')
  if (typeof action !== 'string' || action === '') return null
  root.delete('Action')
  root.delete('Version')
  return { action, members: structureOf(root) }
}

function plant(root: Branch, name: string, value: string): void {
  const steps = name.split('.', MAX_DEPTH + 1)
  const leaf = steps.pop()
  if (steps.length >= MAX_DEPTH) throw malformed('A member lies too deep.')
  let branch = root
  for (const step of steps) {
    const next = branch.get(step) ?? new Map()
    if (typeof next === 'string') throw malformed('A member is both text and a structure.')
    branch.set(step, next)
    branch = next
  }
  if (leaf === undefined || leaf === '' || branch.has(leaf)) throw malformed('A member is given twice, or has no name.')
  branch.set(leaf, value)
}

/** INVARIANT: `Object.fromEntries` defines own properties, so that no name, `__proto__` neither, has an effect. */
function structureOf(branch: Branch): { readonly [name: string]: FormValue } {
  return Object.fromEntries([...branch].map(([name, value]) => [name, valueOf(value)]))
}

function valueOf(branch: Branch | string): FormValue {
  if (typeof branch === 'string') return branch
  const members = itemsOf(branch, 'member')
  if (members !== null) return members.map(valueOf)
  const entries = itemsOf(branch, 'entry')
  return entries === null ? structureOf(branch) : Object.fromEntries(entries.map(entryOf))
}

/** The items of a list or map, or null where the branch is neither. */
function itemsOf(branch: Branch, word: 'member' | 'entry'): readonly (Branch | string)[] | null {
  const items = branch.get(word)
  if (branch.size !== 1 || items === undefined || typeof items === 'string') return null
  if (![...items.keys()].every((index) => INDEX.test(index))) return null
  return [...items].toSorted(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item)
}

function entryOf(entry: Branch | string): [string, FormValue] {
  const key = typeof entry === 'string' ? undefined : entry.get('key')
  const value = typeof entry === 'string' ? undefined : entry.get('value')
  if (typeof key !== 'string' || value === undefined) throw malformed('An entry of a map has no key or no value.')
  return [key, valueOf(value)]
}

function malformed(sentence: string): WireError {
  return new WireError('MalformedQueryString', 404, `The query string contains a syntax error. ${sentence}`)
}
