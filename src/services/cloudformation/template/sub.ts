import { ValidationError } from './errors.ts'
import { splitAttribute } from './parse-text.ts'
import { written, type Path } from './paths.ts'

/** Names have no more than 255 characters: so far is looked for the end of one, for in hostile texts there is none. */
const NAMED = /\$\{(!?)([^}]{0,300})\}/g

/** A piece of the text of Fn::Sub: text itself, or the name of what it is filled with. */
export type Piece = { readonly text: string } | { readonly name: string }

/**
 * Takes the text of Fn::Sub apart. `${!Name}` is the text `${Name}`.
 *
 * @throws ValidationError where a name cannot be one
 */
export function piecesOf(text: string, path: Path): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const { 0: whole, 1: literal, 2: inner = '', index } of text.matchAll(NAMED)) {
    pieces.push({ text: text.slice(from, index) })
    from = index + whole.length
    pieces.push(literal === '!' ? { text: `\${${inner}}` } : { name: nameOf(inner, path) })
  }
  return [...pieces, { text: text.slice(from) }]
}

function nameOf(inner: string, path: Path): string {
  const name = inner.trim()
  if (/^[A-Za-z0-9_.:]+$/.test(name)) return name
  throw ValidationError(
    'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, ' +
      `and colons. Found \${${inner}} at ${written(path)}; \${!${inner}} is the text itself`,
  )
}

/** A name in the text of Fn::Sub, as the Ref or Fn::GetAtt that it stands for. */
export function referenceOf(name: string): { readonly name: string; readonly attribute: string | null } {
  const [resource = '', attribute = null] = splitAttribute(name)
  return { name: resource, attribute }
}
