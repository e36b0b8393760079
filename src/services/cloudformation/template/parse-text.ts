import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Scalar, type YAMLMap } from 'yaml'
import { ValidationError } from './errors.ts'
import { BODY_BYTES, DEPTH } from './limits.ts'
import { isMembers, type Members, type Value } from './value.ts'

/** YAML's own tags that leave a scalar what it is; CloudFormation takes none of the others. */
const PLAIN_TAGS = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`)
const TEXT_TAG = 'tag:yaml.org,2002:str'

const TRUE = /^(?:true|yes|on)$/i
const FALSE = /^(?:false|no|off)$/i
const NULL = /^(?:null|~|)$/i

/**
 * Reads JSON or YAML as CloudFormation does: short forms of functions become long forms, dates stay text, and so do
 * numbers that would lose a digit, such as an account's id that begins with 0.
 *
 * @throws ValidationError with line and column where it is not well-formed, with a path where it is what no template
 *   may hold
 */
export function parseText(text: string): Members {
  if (Buffer.byteLength(text) > BODY_BYTES) {
    throw ValidationError(`Template may not exceed ${BODY_BYTES} bytes in size.`)
  }
  const source = parseNodes(text)
  const root = readNode(source.root, [], source)
  if (!isMembers(root)) throw ValidationError('Template format error: unsupported structure.')
  return root
}

interface Source {
  readonly root: Node | null
  readonly malformed: (offset: number, reason: string) => Error
}

function parseNodes(text: string): Source {
  const lines = new LineCounter()
  const language = text.trimStart().startsWith('{') ? 'JSON' : 'YAML'
  const malformed = (offset: number, reason: string) => {
    const { line, col } = lines.linePos(offset)
    return ValidationError(
      `Template format error: ${language} not well-formed. (line ${line}, column ${col}) ${reason}`,
    )
  }
  // Its own search for a second key of a name compares each with each.
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  })
  const [error] = document.errors
  if (error === undefined) return { root: document.contents, malformed }
  throw malformed(error.pos[0], REASONS.find(([part]) => error.message.includes(part))?.[1] ?? error.message)
}

/** What the parser says of itself, in words that help. */
const REASONS = [
  ['call stack', `Values nest deeper than ${DEPTH} levels.`],
  ['multiple documents', 'There is a second document. A template is one.'],
] as const

type Path = readonly string[]

function readNode(node: unknown, path: Path, source: Source): Value {
  if (path.length > DEPTH) throw ValidationError(`${at(path.slice(0, 5))} values nest deeper than ${DEPTH} levels.`)
  if (node === null) return null
  if (isAlias(node)) throw ValidationError(`${at(path)} YAML aliases are not allowed in CloudFormation templates`)
  if (isScalar(node)) return tagged(node.tag, readScalar(node), path)
  if (isSeq(node)) {
    const items = node.items.map((item, index) => readNode(item, [...path, String(index)], source))
    return tagged(node.tag, items, path)
  }
  if (isMap(node)) return tagged(node.tag, readMembers(node, path, source), path)
  throw ValidationError(`${at(path)} unsupported structure.`)
}

function readMembers({ items }: YAMLMap, path: Path, source: Source): Members {
  const members = new Map<string, Value>()
  for (const item of items) {
    const { key, value } = item
    if (!isScalar(key)) throw ValidationError(`${at(path)} keys of maps must be plain text.`)
    const name = key.source ?? ''
    if (name === '<<') throw ValidationError(`${at(path)} YAML merges (<<) are not allowed in CloudFormation templates`)
    if (members.has(name)) throw source.malformed(key.range?.[0] ?? 0, `The key ${name} is there twice.`)
    members.set(name, readNode(value, [...path, name], source))
  }
  return Object.fromEntries(members)
}

function readScalar({ source, type, tag, value }: Scalar): Value {
  const text = source ?? String(value)
  if (type !== 'PLAIN' || tag === TEXT_TAG) return text
  if (TRUE.test(text)) return true
  if (FALSE.test(text)) return false
  if (NULL.test(text)) return null
  const number = Number(text)
  return Number.isFinite(number) && String(number) === text ? number : text
}

/** The long form of a value with a tag. */
function tagged(tag: string | undefined, value: Value, path: Path): Value {
  if (tag === undefined || tag === '!' || PLAIN_TAGS.includes(tag)) return value
  if (!/^![A-Za-z]+[A-Za-z0-9]*$/.test(tag)) throw ValidationError(`${at(path)} the YAML tag ${tag} is not supported.`)
  const name = tag.slice(1)
  if (name === 'Ref' || name === 'Condition') return { [name]: value }
  if (name === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': splitAttribute(value) }
  return { [`Fn::${name}`]: value }
}

/** `Key.Arn` as resource and attribute. An attribute may have dots. */
export function splitAttribute(text: string): readonly string[] {
  const dot = text.indexOf('.')
  return dot === -1 ? [text] : [text.slice(0, dot), text.slice(dot + 1)]
}

function at(path: Path): string {
  return `Template format error: [/${path.join('/')}]`
}
