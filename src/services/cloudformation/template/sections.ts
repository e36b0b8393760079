import { ValidationError } from './errors.ts'
import { refuseFunction } from './functions.ts'
import { NAME_LENGTH } from './limits.ts'
import { written, type Path } from './paths.ts'
import { isMembers, type Members, type Value } from './value.ts'

/** @throws ValidationError where a value is no object, in words that say what is there */
export function requireMembers(value: Value | undefined, path: Path): Members {
  if (isMembers(value)) return value
  throw ValidationError(`Template format error: ${written(path)} must be an object, and is ${describe(value)}.`)
}

export function requireText(value: Value | undefined, path: Path): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw ValidationError(
    `Template format error: Every ${written(path)} value must be a String, and is ${describe(value)}.`,
  )
}

export function optionalText(value: Value | undefined, path: Path): string | null {
  return value === undefined ? null : requireText(value, path)
}

/** @throws ValidationError where an object has members that nothing reads */
export function refuseOthers(members: Members, known: readonly string[], complaint: (names: string) => string): void {
  const others = Object.keys(members).filter((name) => !known.includes(name))
  if (others.length > 0) throw ValidationError(complaint(others.join(', ')))
}

/** The members of a section by their names: letters and digits, and no more of them than its limit. */
export function readSection<Item>(
  value: Value | undefined,
  section: { readonly name: string; readonly one: string; readonly limit: number },
  read: (value: Value, path: Path, name: string) => Item,
): ReadonlyMap<string, Item> {
  if (value === undefined) return new Map()
  const entries = Object.entries(requireMembers(value, [section.name]))
  if (entries.length > section.limit) {
    throw ValidationError(
      `Template format error: Number of ${section.name.toLowerCase()}, ${entries.length}, is greater than maximum ` +
        `allowed, ${section.limit}`,
    )
  }
  for (const [name] of entries) {
    refuseFunction(name, [section.name])
    if (!/^[A-Za-z0-9]+$/.test(name)) {
      throw ValidationError(`Template format error: ${section.one} name ${name} is non alphanumeric.`)
    }
    if (name.length > NAME_LENGTH) {
      throw ValidationError(
        `Template format error: ${section.one} name ${name.slice(0, 40)}... is longer than ${NAME_LENGTH} characters.`,
      )
    }
  }
  return new Map(entries.map(([name, each]) => [name, read(each, [section.name, name], name)]))
}

function describe(value: Value | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value).slice(0, 100)}`
}
